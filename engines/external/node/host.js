// Node.js as an engine that speaks docs/host-protocol.md: one thread, callbacks on the loop of libuv,
// with Node's own modules `net` and `http`. No worker threads and no cluster. What it plays and
// answers is what workloads/*.cpp say. Try it:
//   node engines/external/node/host.js serve node http --listen 127.0.0.1:8080
'use strict';

const {parseArgs} = require('node:util');
const {WrongUse, end, endpoint, exitCodes, integer, parametersOf} = require('./protocol.js');
const {drive} = require('./drive.js');
const {run} = require('./run.js');
const {serve} = require('./serve.js');

const roles = {
  serve: [serve, {listen: {type: 'string'}, 'max-connections': {type: 'string'}}],
  drive: [drive, {connect: {type: 'string'}, clients: {type: 'string'}}],
  run: [run, {}],
};

function parse([role, ...rest]) {
  if (!Object.hasOwn(roles, role)) throw new WrongUse(`no role '${role}'; there are serve, drive, run`);
  const [play, known] = roles[role];
  let given;
  try {
    given = parseArgs({args: rest, allowPositionals: true,
                       options: {set: {type: 'string', multiple: true, default: []}, ...known}});
  } catch (error) {
    throw new WrongUse(error.message.split('. ')[0]);
  }
  const {values, positionals: [, workload, ...more]} = given;
  if (workload === undefined || more.length > 0) throw new WrongUse(`${role} takes NAME WORKLOAD`);
  if (role === 'drive' && values.connect === undefined) throw new WrongUse('drive needs --connect');
  return () => play({
    workload,
    parameters: parametersOf(workload, role, values.set),
    listen: endpoint(values.listen ?? '127.0.0.1:0'),
    connect: endpoint(values.connect ?? '127.0.0.1:0'),
    clients: integer(values.clients ?? '1', '--clients'),
    maxConnections: integer(values['max-connections'] ?? '16384', '--max-connections'),
  });
}

// Node itself raises the limit of descriptors as far as it may.
try {
  parse(process.argv.slice(2))();
} catch (error) {
  if (!(error instanceof WrongUse)) throw error;
  end(exitCodes.wrongUse, error.message);
}