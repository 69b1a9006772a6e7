import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Only ours: vitest hands these to node as well, where `import` would give a CommonJS package the ESM half of its own dependency.
  ssr: { resolve: { conditions: ['@rf/source'], externalConditions: ['@rf/source'] } },
  test: {
    include: ['packages/*/tests/**/*.test.ts', 'apps/*/tests/**/*.test.ts', 'tests/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
