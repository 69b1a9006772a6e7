// Clients
export { APIClient, type APIClientOptions, type RequestOptions } from './api-client.ts';
export { FetchClient } from './fetch-client.ts';
export { APIResponse, type Redirect, type ResponseParts } from './api-response.ts';
export { CookieJar, type StoredCookie } from './cookie-jar.ts';
export type { ClientTarget, InjectedRequest, InjectedResponse, InProcessServer } from './in-process-server.ts';
export type { ForcedUser } from './test-call.ts';
export type { BodyOptions } from './request-body.ts';
export type { Query } from './request-target.ts';

// Views called directly
export {
  APIRequestFactory,
  type APIRequestFactoryOptions,
  type FactoryRequestOptions,
} from './api-request-factory.ts';
export { APIRequest, type APIRequestParts, forceAuthenticate } from './api-request.ts';
export { asView, type AsViewOptions, type CallableView } from './as-view.ts';

// Projects and databases for tests
export { type EachTestHooks, openTestProject, TestProject, type TestProjectOptions } from './test-project.ts';
export {
  createTestDatabase,
  type OpenTestDatabase,
  openTestDatabase,
  type TestDatabase,
  type TestDatabaseSettings,
} from './test-database.ts';
export { beginTestTransaction, type TestTransaction } from './test-transaction.ts';

// Assertions
export { assertNumQueries } from './assert-num-queries.ts';

// Commands
export { RecordingTerminal } from './recording-terminal.ts';
