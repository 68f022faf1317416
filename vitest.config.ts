import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['db/testing-server.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    // Two cores train, serve and render a page in these tests: files side by side only take turns.
    maxWorkers: 2,
  },
});
