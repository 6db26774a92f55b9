-- Sends ready-made requests in turn. Arguments: file of requests (each as length, newline, bytes), then
-- "once" to stop when each was sent, or "again". Prints: requests answered, microseconds, refused, broken.

local requests, sent, once = {}, 0, false

function init(args)
  once = args[2] == "once"
  local file = assert(io.open(args[1], "rb"))
  while true do
    local size = file:read("*n")
    if not size then break end
    file:read(1)
    requests[#requests + 1] = file:read(size)
  end
  file:close()
end

function request()
  sent = sent + 1
  if once and sent == #requests then wrk.thread:stop() end
  return requests[(sent - 1) % #requests + 1]
end

function done(summary)
  local errors = summary.errors
  local broken = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("\nRESULT %d %d %d %d\n", summary.requests, summary.duration, errors.status, broken))
end
