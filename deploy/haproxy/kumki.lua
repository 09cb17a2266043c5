-- A session that finds no server waits here instead of failing: HAProxy's own queue does not take
-- it, since a backend without a usable server answers at once. docs/LOAD_BALANCING.md tells more.

-- Seconds that a session waits; the agent's gateway has the same.
local hold = tonumber(os.getenv("KUMKI_HOLD")) or 15
local look_again = 0.05

local function seconds()
  local now = core.now()
  return now.sec + now.usec / 1000000
end

-- Counting is dear, so all that wait share one look at the servers. "UP 1/2" is up too; the server
-- named "hold" is the way to here.
local function counter(backend)
  local looked, found = 0, 0
  return function()
    if seconds() - looked >= look_again then
      looked, found = seconds(), 0
      for name, server in pairs(core.backends[backend].servers) do
        if name ~= "hold" and server:get_stats().status:find("^UP") then
          found = found + 1
        end
      end
    end
    return found
  end
end

local leaders = counter("kumki_write")
local readers = counter("kumki_read")

-- Two that say that they lead: some check has not been made yet.
local function has_one_leader()
  return leaders() == 1
end

local function has_reader()
  return readers() > 0
end

local function wait_for(open)
  return function(txn)
    local deadline = seconds() + hold
    while not open() and seconds() < deadline do
      core.msleep(50)
    end
    txn:set_var("sess.kumki_open", open())
  end
end

core.register_action("kumki_wait_for_leader", { "tcp-req" }, wait_for(has_one_leader), 0)
core.register_action("kumki_wait_for_reader", { "tcp-req" }, wait_for(has_reader), 0)

-- The answer after that, in PostgreSQL's protocol (its documentation, chapter 55).
local ssl_request, gss_request = 80877103, 80877104

local function read_startup(applet)
  for _ = 1, 3 do
    local head = applet:receive(8)
    if #head < 8 then
      return
    end
    local _, code = string.unpack(">I4I4", head)
    if code ~= ssl_request and code ~= gss_request then
      return
    end
    applet:send("N")
  end
end

core.register_service("kumki_refuse", "tcp", function(applet)
  read_startup(applet)
  local text = "HAProxy: no server could take this session for " .. hold .. " s"
  local fields = "SFATAL\0VFATAL\0C57P03\0M" .. text .. "\0\0"
  applet:send("E" .. string.pack(">I4", #fields + 4) .. fields)
end)
