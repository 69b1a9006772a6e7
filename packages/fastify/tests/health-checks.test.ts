import { APIView, BasePermission, path } from '@rf/views';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Server } from './server.ts';

class Nobody extends BasePermission {
  override hasPermission() {
    return false;
  }
}

class Look extends APIView {
  override get() {
    return {};
  }
}

describe('health checks', () => {
  let server: Server;
  beforeAll(async () => {
    server = await Server.start({
      urls: [path('/look/', Look)],
      settings: { defaultPermissionClasses: [Nobody] },
      healthChecks: { ready: '/ready' },
    });
  });
  afterAll(() => server.close());

  it('need no permission and are not logged', async () => {
    expect((await server.fetch('/look/')).status).toBe(403);
    for (const url of ['/healthz', '/ready']) {
      const answer = await server.fetch(url);
      expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
    }
    expect(server.log).toContain('/look/');
    expect(server.log).not.toContain('/ready');
  });

  it('are not there unless asked for', async () => {
    const without = await Server.start({ urls: [path('/look/', Look)] });
    expect((await without.fetch('/healthz')).status).toBe(404);
    await without.close();
  });

  it('tell that the database is gone, and the server that it lives', async () => {
    await server.app.rf.dataSource.destroy();
    const ready = await server.fetch('/ready');
    expect([ready.status, await ready.json()]).toEqual([503, { status: 'database unavailable' }]);
    expect((await server.fetch('/healthz')).status).toBe(200);
    await server.app.rf.dataSource.initialize();
  });
});
