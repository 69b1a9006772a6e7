// Databases for tests
export {
  createTestDatabase,
  type OpenTestDatabase,
  openTestDatabase,
  type TestDatabase,
  type TestDatabaseSettings,
} from './test-database.ts';

// Commands
export { RecordingTerminal } from './recording-terminal.ts';
