// Fetching: each client makes one GET, with the module `http`, all at once.
'use strict';

const http = require('node:http');
const {Cost, end, exitCodes, now, onStop, say} = require('./protocol.js');

const text = 'Hello, world!';

function drive(options) {
  const {delay_ms, timeout_ms} = options.parameters;
  const clients = Array.from({length: options.clients}, () => ({}));
  const cost = new Cost();
  // All begin at once, so that each has a connection of its own.
  const agent = new http.Agent({keepAlive: true, maxSockets: Infinity});
  let left = clients.length;
  const finish = () => {
    const report = cost.report();
    report.expected = clients.length;
    report.spans = [];
    report.errors = {};
    clients.forEach((client, lane) => {
      if (client.finish === undefined) return;
      const {start, finish, error} = client;
      report.spans.push({lane, start_ns: cost.offset(start), finish_ns: cost.offset(finish),
                         ok: error === undefined});
      if (error !== undefined) report.errors[error] = (report.errors[error] ?? 0) + 1;
    });
    say({report});
    end(exitCodes.done);
  };
  onStop(finish);
  for (const client of clients)
    fetch(client, {...options.connect, agent, path: `/delay/${delay_ms}`}, delay_ms + timeout_ms,
          () => { if (--left === 0) finish(); });
}

function fetch(client, where, patience_ms, done) {
  const request = http.get({...where, headers: {Host: 'localhost'}});
  const silence = setTimeout(() => finish('timed_out'), patience_ms);
  const finish = (error) => {
    if (client.finish !== undefined) return;
    clearTimeout(silence);
    client.finish = now();
    client.error = error;
    if (error !== undefined) request.destroy();
    done();
  };
  const fail = (error) => {
    if (client.start === undefined) return finish('refused');
    if (error.code?.startsWith('HPE_')) return finish('malformed');
    // Node calls it a reset, too, when the server closed in good order, but then no call failed.
    finish(error.syscall === undefined ? 'closed_early' : 'reset');
  };
  request.once('socket', (socket) => socket.once('connect', () => { client.start = now(); }));
  request.on('error', fail);
  request.on('upgrade', () => finish('wrong_status'));
  request.on('response', (response) => {
    let body = '';
    response.setEncoding('latin1');
    response.on('data', (data) => { body += data; });
    response.on('error', fail);
    response.on('end', () => {
      if (response.statusCode !== 200) finish('wrong_status');
      else finish(body === text ? undefined : 'wrong_body');
    });
  });
}

module.exports = {drive};
