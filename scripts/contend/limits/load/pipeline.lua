-- For wrk, which pipelines by a script only: so many requests in one send.
--   wrk -s scripts/contend/limits/load/pipeline.lua URL -- 16
init = function(arguments)
  local requests = {}
  for i = 1, tonumber(arguments[1]) do requests[i] = wrk.format() end
  pipelined = table.concat(requests)
end

request = function() return pipelined end
