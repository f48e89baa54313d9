// The host protocol (docs/host-protocol.md) for Node.js: arguments, the lines to say, the end, what a
// call cost. No role is played here.
'use strict';

const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');

const exitCodes = {done: 0, failed: 1, wrongUse: 2};
const workloads = JSON.parse(fs.readFileSync(path.join(__dirname, '../common/workloads.json')));

class WrongUse extends Error {}

const now = () => process.hrtime.bigint();  // CLOCK_MONOTONIC

/// Timers count whole ms of a clock that is cut to ms, so that they may end up to 1 ms early.
function waitAtLeast(wait_ms, then, due = now() + BigInt(wait_ms) * 1_000_000n) {
  setTimeout(() => {
    if (now() < due) waitAtLeast(1, then, due);
    else then();
  }, wait_ms);
}

/// What a call cost: wall clock, and the CPU and switches of this process.
class Cost {
  constructor() {
    this.before = process.resourceUsage();
    this.began = now();
  }

  offset(time) {
    return time === undefined ? null : Number(time - this.began);
  }

  report() {
    const wall_ns = this.offset(now());
    const used = process.resourceUsage();
    const difference = (field) => used[field] - this.before[field];
    // Not maxRSS, which execve(2) passes on from whoever started this process.
    const [, peak_kib] = /^VmHWM:\s+(\d+) kB$/m.exec(fs.readFileSync('/proc/self/status', 'latin1'));
    return {
      wall_ns,
      user_ns: difference('userCPUTime') * 1000,
      system_ns: difference('systemCPUTime') * 1000,
      voluntary_switches: difference('voluntaryContextSwitches'),
      involuntary_switches: difference('involuntaryContextSwitches'),
      peak_rss_bytes: Number(peak_kib) * 1024,
    };
  }
}

function say(line) {
  fs.writeFileSync(1, JSON.stringify(line) + '\n');
}

/// Nothing is unwound: thousands of connections are closed faster by the kernel.
function end(code, message) {
  if (message !== undefined) fs.writeSync(2, `node/host.js: ${message}\n`);
  process.exit(code);
}

function onStop(act) {
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, act);
}

function integer(text, what, minimum = 1, maximum = Number.MAX_SAFE_INTEGER) {
  if (!/^-?[0-9]{1,19}$/.test(text)) throw new WrongUse(`${what} is no integer: '${text}'`);
  const number = Number(text);
  if (number < minimum || number > maximum)
    throw new WrongUse(`${what} is ${text}, outside ${minimum} to ${maximum}`);
  return number;
}

function endpoint(address) {
  const [, host, port] = /^(.*):([0-9]{1,5})$/.exec(address) ?? [];
  const numeric = ['', 'localhost'].includes(host) ? '127.0.0.1' : host?.replace(/^\[(.*)\]$/, '$1');
  if (net.isIP(numeric) === 0 || Number(port) > 65535)
    throw new WrongUse(`not HOST:PORT, with a numeric host: '${address}'`);
  return {host: numeric, port: Number(port)};
}

/// A workload's parameters, complete and within their ranges.
function parametersOf(workload, role, settings) {
  if (workloads[workload]?.role !== role)
    throw new WrongUse(`no workload '${workload}' to ${role}`);
  const ranges = workloads[workload].parameters;
  const values = Object.fromEntries(Object.entries(ranges).map(([name, [value]]) => [name, value]));
  for (const setting of settings) {
    const [, name, value] = /^([^=]*)=(.*)$/s.exec(setting) ?? [];
    if (name === undefined) throw new WrongUse(`a parameter is NAME=INTEGER, not '${setting}'`);
    if (!Object.hasOwn(ranges, name))
      throw new WrongUse(`no parameter '${name}' here; there are ${Object.keys(ranges).join(', ')}`);
    const [, minimum, maximum] = ranges[name];
    values[name] = integer(value, `parameter ${name}`, minimum, maximum);
  }
  return values;
}

module.exports = {
  Cost, WrongUse, end, endpoint, exitCodes, integer, now, onStop, parametersOf, say, waitAtLeast,
};
