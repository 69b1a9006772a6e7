// The command
export { main, type MainOptions } from './main.ts';

// For tools
export { explainRequest, type ExplainedRequest } from './explain-request.ts';
