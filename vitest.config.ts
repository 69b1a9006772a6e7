import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: { conditions: ['@rf/source', 'node', 'import', 'default'] },
  ssr: { resolve: { conditions: ['@rf/source', 'node', 'import', 'default'], externalConditions: ['@rf/source'] } },
  test: {
    include: ['packages/*/tests/**/*.test.ts', 'apps/*/tests/**/*.test.ts', 'tests/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
