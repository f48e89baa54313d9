// Serving: echo with the module `net`, http and mixed with the module `http`.
'use strict';

const http = require('node:http');
const net = require('node:net');
const {end, exitCodes, onStop, say, waitAtLeast} = require('./protocol.js');
const {fib} = require('./run.js');

const backlog = 4096;
const text = 'Hello, world!';
const pattern = Buffer.from(Array.from({length: 89 * 736}, (_, i) => 33 + i % 89));
const bodyLimitBytes = 1 << 20;

function echo(socket) {
  socket.pipe(socket);  // which stops reading while the peer does not
}

// Node reads requests, refuses the bad ones with 400, and frames the answers.
const httpServer = http.createServer({
  keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0, maxRequestsPerSocket: 0,
}, answer);

function answer(request, response) {
  response.sendDate = false;  // as the others: the clock is no work of the engines
  const {method} = request;
  const target = request.url.replace(/^http:\/\/[^/?]+/i, '').split('?')[0] || '/';
  const [, route, number] = /^\/(bytes|delay|fib)\/([0-9]{1,10})$/.exec(target) ?? [];
  const n = Number(number);
  if (method !== 'GET' && method !== 'HEAD') {
    if (target === '/' && method === 'POST') return answerLength(request, response);
    const isKnown = target === '/' || route !== undefined;
    return isKnown ? refuse(request, response, 405, '405 Method Not Allowed')
                   : refuse(request, response, 404, '404 Not Found');
  }
  if (target === '/') return respond(response, text);
  if (route === 'bytes' && n <= 1 << 30) return respondBytes(response, n);
  if (route === 'delay' && n <= 60_000) return waitAtLeast(n, () => respond(response, text));
  if (route === 'fib' && n >= 1 && n <= 45) return respond(response, String(fib(n)));
  refuse(request, response, 404, '404 Not Found');
}

function respond(response, body, status = 200) {
  response.writeHead(status, {'Content-Length': body.length, 'Content-Type': 'text/plain'});
  response.end(body);
}

function refuse(request, response, status, body) {
  response.shouldKeepAlive = false;
  if (status === 405) response.setHeader('Allow', 'GET, HEAD');
  respond(response, body, status);
  request.resume();  // what comes is discarded, or the answer could be lost to a reset
}

function respondBytes(response, size) {
  response.writeHead(200, {'Content-Length': size, 'Content-Type': 'text/plain'});
  let offset = 0;
  const goOn = () => {
    while (offset + pattern.length < size) {
      offset += pattern.length;
      if (!response.write(pattern)) return response.once('drain', goOn);
    }
    response.end(pattern.subarray(0, size - offset));
  };
  if (response.req.method === 'HEAD') response.end();
  else goOn();
}

function answerLength(request, response) {
  let size = 0;
  request.on('data', (data) => {
    size += data.length;
    if (size > bodyLimitBytes && !response.headersSent)
      refuse(request, response, 413, '413 Content Too Large');
  });
  request.on('end', () => {
    if (!response.headersSent) respond(response, String(size));
  });
}

const converse = {
  echo,
  http: (socket) => httpServer.emit('connection', socket),
  mixed: (socket) => httpServer.emit('connection', socket),
};

function serve(options) {
  const report = {accepted: 0, accept_pauses: 0, detail: `Node.js ${process.version}`};
  const waiting = [];  // connections beyond the limit; they are not read from
  let open = 0;
  const admit = (socket) => {
    open += 1;
    socket.once('close', () => {
      open -= 1;
      if (waiting.length > 0) admit(waiting.shift());
    });
    converse[options.workload](socket);
    socket.resume();
  };
  const server = net.createServer({allowHalfOpen: true, noDelay: true, pauseOnConnect: true});
  server.on('connection', (socket) => {
    report.accepted += 1;
    socket.on('error', () => {});  // the peer broke it; it is closed all the same
    if (open < options.maxConnections) admit(socket);
    else waiting.push(socket);
  });
  server.on('error', (error) => end(exitCodes.failed, error.message));
  server.listen({...options.listen, backlog}, () => say({listening: server.address().port}));
  onStop(() => {
    server.close();
    say({report});
    end(exitCodes.done);
  });
}

module.exports = {serve};
