// The command
export { main, type MainOptions } from './main.ts';

// The server of `rf serve`, for a program of one's own
export { createServer, type ProjectServer, type ServerOptions } from './server.ts';

// For tools
export { explainRequest, type ExplainedRequest } from './explain-request.ts';
