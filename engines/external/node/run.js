// Jobs: each waits by a timer of the loop, and then computes on it, which holds up all the others.
'use strict';

const {Cost, WrongUse, end, exitCodes, now, onStop, say, waitAtLeast} = require('./protocol.js');

/// Naive recursion: fib(1) = 0, fib(2) = 1.
function fib(n) {
  if (n <= 2) return n === 2 ? 1 : 0;
  return fib(n - 2) + fib(n - 1);
}

/// The same without the work, to check it by.
function fibByAdding(n) {
  let [value, next] = [0, 1];
  for (let i = 1; i < n; ++i) [value, next] = [next, value + next];
  return value;
}

function count(limit) {
  let counted = 0;
  while (counted < limit) ++counted;
  return counted;
}

const list = (size, make) => Array.from({length: size}, (_, i) => make(i));
const counting = ({jobs, limit}) =>
    list(jobs, () => ({wait_ms: 0, compute: () => count(limit), expected: limit}));
const waiting = (size, first_ms, step_ms) =>
    list(size, (i) => ({wait_ms: first_ms + i * step_ms, compute: null, expected: 0}));

const jobsOf = {
  fib: ({n, n_step, jobs, wait_ms}) => {
    const last = n + (jobs - 1) * n_step;
    if (last > 45)
      throw new WrongUse(`the last of ${jobs} jobs would have n = ${last}, and 45 is the largest`);
    return list(jobs, (i) => ({wait_ms, compute: () => fib(n + i * n_step),
                               expected: fibByAdding(n + i * n_step)}));
  },
  counter: counting,
  sleep: ({jobs, wait_ms, step_ms}) => waiting(jobs, wait_ms, step_ms),
  ticker: ({jobs, wait_ms, step_ms, ticks, tick_ms}) =>
      [...waiting(jobs, wait_ms, step_ms), ...waiting(ticks, tick_ms, tick_ms)],
  blocked: ({limit, jobs, wait_ms}) => [...counting({jobs, limit}), ...waiting(1, wait_ms, 0)],
};

function run(options) {
  const jobs = jobsOf[options.workload](options.parameters);
  const cost = new Cost();
  let left = jobs.length;
  const finish = () => {
    const report = cost.report();
    report.expected = jobs.length;
    report.errors = {};
    report.spans = jobs.map((job, lane) => ({
      lane, start_ns: cost.offset(job.start), compute_ns: cost.offset(job.computing),
      finish_ns: cost.offset(job.finish), result: job.result ?? 0,
      ok: job.finish !== undefined && (job.result ?? 0) === job.expected,
    }));
    say({report});
    end(exitCodes.done);
  };
  const perform = (job) => {
    job.computing = now();
    if (job.compute !== null) job.result = job.compute();
    job.finish = now();
    if (--left === 0) finish();
  };
  // A handler runs on the loop, so never while a job computes; there, without one, the signal ends
  // the process itself.
  if (jobs.every((job) => job.compute === null)) onStop(finish);
  for (const job of jobs) {
    job.start = now();
    if (job.wait_ms > 0) waitAtLeast(job.wait_ms, () => perform(job));
    else perform(job);
  }
}

module.exports = {fib, run};
