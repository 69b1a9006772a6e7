import { NotFound } from '@rf/exceptions';
import {
  AcceptHeaderVersioning,
  APIView,
  BaseVersioning,
  HostNameVersioning,
  include,
  NamespaceVersioning,
  path,
  QueryParameterVersioning,
  type Request,
  reverse,
  type Settings,
  URLPathVersioning,
  type UrlEntry,
  type VersioningClass,
  versioningClass,
} from '@rf/views';
import { describe, expect, it } from 'vitest';
import { TestSite } from './test-site.ts';

const VERSIONS: Partial<Settings> = { allowedVersions: ['v1', 'v2'], defaultVersion: 'v1' };

class Echo extends APIView {
  override get(request: Request) {
    return { version: request.version, link: reverse('tag', { params: { pk: 1 }, request }) };
  }
}
class Tag extends APIView {
  override get() {
    return {};
  }
}

const urls = (): UrlEntry[] => [path('/echo/', Echo), path('/tags/:pk/', Tag, { name: 'tag' })];
const siteWith = (scheme: VersioningClass | null, settings = VERSIONS, entries = urls()) =>
  new TestSite(entries, { ...settings, defaultVersioningClass: scheme });

const of = async (site: TestSite, target: string, headers: Record<string, string> = {}) => {
  const answer = await site.get(target, headers);
  return answer.status === 200 ? [answer.json.version, answer.json.link] : [answer.status, answer.json.detail];
};

describe('without versioning (VE01)', () => {
  it('the version is null', async () => {
    expect(await of(siteWith(null), '/echo/?version=v2')).toEqual([null, 'http://testserver/tags/1/']);
  });
});

describe('AcceptHeaderVersioning (VE03)', () => {
  it.each([
    ['application/json', 'v1'],
    ['application/json; version=v2', 'v2'],
    ['*/*; version=v2', 'v2'],
    ['application/*; version=v2', 'v2'],
  ])('of %s is %s', async (accept, version) => {
    expect(await of(siteWith(AcceptHeaderVersioning), '/echo/', { accept })).toEqual([
      version,
      'http://testserver/tags/1/',
    ]);
  });

  it('refuses a version that is not allowed with 406', async () => {
    expect(await of(siteWith(AcceptHeaderVersioning), '/echo/', { accept: 'application/json; version=v3' })).toEqual([
      406,
      'Invalid version in "Accept" header.',
    ]);
  });
});

describe('URLPathVersioning (VE04)', () => {
  const site = (settings = VERSIONS) => siteWith(URLPathVersioning, settings, [include('/:version/', urls())]);

  it('reads the URL and keeps the version in links (VE08)', async () => {
    expect(await of(site(), '/v2/echo/')).toEqual(['v2', 'http://testserver/v2/tags/1/']);
    expect(await of(site(), '/v1/echo/')).toEqual(['v1', 'http://testserver/v1/tags/1/']);
  });

  it.each(['v3', 'V1'])('refuses %s with 404', async (version) => {
    expect(await of(site(), `/${version}/echo/`)).toEqual([404, 'Invalid version in URL path.']);
  });

  it('takes the default where the URL has none', async () => {
    @versioningClass(URLPathVersioning)
    class Plain extends APIView {
      override get({ version }: Request) {
        return { version };
      }
    }
    expect((await new TestSite(Plain, VERSIONS).get()).json).toEqual({ version: 'v1' });
  });
});

describe('NamespaceVersioning (VE05)', () => {
  const site = siteWith(NamespaceVersioning, VERSIONS, [
    include('/v1/', urls(), { namespace: 'v1' }),
    include('/v2/', urls(), { namespace: 'v2' }),
    include('/beta/', urls(), { namespace: 'beta' }),
    include('/api/v2/', [path('/nested/', Echo)], { namespace: 'api' }),
    include('/outer/', [include('/v2/', urls(), { namespace: 'v2' })], { namespace: 'outer' }),
    ...urls(),
  ]);

  it('reads the namespace and keeps it in links (VE08)', async () => {
    expect(await of(site, '/v2/echo/')).toEqual(['v2', 'http://testserver/v2/tags/1/']);
  });

  it('looks through nested namespaces', async () => {
    expect((await of(site, '/outer/v2/echo/'))[0]).toBe('v2');
  });

  it('refuses a namespace that is no allowed version with 404', async () => {
    const text = 'Invalid version in URL path. Does not match any version namespace.';
    expect(await of(site, '/beta/echo/')).toEqual([404, text]);
    expect(await of(site, '/api/v2/nested/')).toEqual([404, text]);
  });

  it('takes the default without a namespace', async () => {
    @versioningClass(NamespaceVersioning)
    class Plain extends APIView {
      override get({ version }: Request) {
        return version;
      }
    }
    expect((await new TestSite(Plain, VERSIONS).get()).json).toBe('v1');
  });
});

describe('HostNameVersioning (VE06)', () => {
  it.each([
    ['v2.bookshop.test', 'v2'],
    ['v2.bookshop.test:8080', 'v2'],
    ['localhost', 'v1'],
    ['www.deep.bookshop.test', 'v1'],
  ])('of %s is %s, and links keep the host', async (host, version) => {
    expect(await of(siteWith(HostNameVersioning), '/echo/', { host })).toEqual([version, `http://${host}/tags/1/`]);
  });

  it.each(['v3.bookshop.test', 'www.bookshop.test'])('refuses %s with 404', async (host) => {
    expect(await of(siteWith(HostNameVersioning), '/echo/', { host })).toEqual([404, 'Invalid version in hostname.']);
  });

  it('reads hosts of another form with a pattern of its own', async () => {
    class Suffix extends HostNameVersioning {
      override readonly hostnamePattern = /-(v\d)\.example$/;
    }
    expect((await of(siteWith(Suffix), '/echo/', { host: 'api-v2.example' }))[0]).toBe('v2');
  });
});

describe('QueryParameterVersioning (VE07)', () => {
  it.each([
    ['/echo/', 'v1', '?version=v1'],
    ['/echo/?version=v2', 'v2', '?version=v2'],
    ['/echo/?version=v2&format=json', 'v2', '?format=json&version=v2'],
  ])('of %s is %s, and links carry it (VE08)', async (target, version, query) => {
    expect(await of(siteWith(QueryParameterVersioning), target)).toEqual([
      version,
      `http://testserver/tags/1/${query}`,
    ]);
  });

  it.each(['?version=v3', '?version=', '?version=v1&version=v9'])('refuses %s with 404', async (query) => {
    expect(await of(siteWith(QueryParameterVersioning), `/echo/${query}`)).toEqual([
      404,
      'Invalid version in query parameter.',
    ]);
  });

  it('allows any version where none are listed, and has none without a default', async () => {
    const open = siteWith(QueryParameterVersioning, { versionParam: 'v' });
    expect((await of(open, '/echo/?v=anything'))[0]).toBe('anything');
    expect(await of(open, '/echo/?version=v2')).toEqual([null, 'http://testserver/tags/1/']);
  });

  it('needs a version where there is no default', async () => {
    const strict = siteWith(QueryParameterVersioning, { allowedVersions: ['v1'] });
    expect((await of(strict, '/echo/'))[0]).toBe(404);
    expect((await of(strict, '/echo/?version=v1'))[0]).toBe('v1');
  });
});

describe('settings (VE02)', () => {
  it('allow the default version without listing it', async () => {
    const site = siteWith(QueryParameterVersioning, { allowedVersions: ['v2'], defaultVersion: 'v1' });
    expect((await of(site, '/echo/?version=v1'))[0]).toBe('v1');
  });

  it('are overridden by a class', async () => {
    class Own extends QueryParameterVersioning {
      override readonly allowedVersions = ['x'];
      override readonly defaultVersion = null;
      override readonly versionParam = 'v';
    }
    expect((await of(siteWith(Own), '/echo/?v=x'))[0]).toBe('x');
    expect((await of(siteWith(Own), '/echo/?v=v1'))[0]).toBe(404);
  });

  it('give way to the view', async () => {
    @versioningClass(null)
    class Off extends APIView {
      override get({ version, versioningScheme }: Request) {
        return [version, versioningScheme];
      }
    }
    expect(
      (await new TestSite(Off, { ...VERSIONS, defaultVersioningClass: QueryParameterVersioning }).get()).json,
    ).toEqual([null, null]);
  });
});

describe("a versioning of one's own (VE09)", () => {
  class HeaderVersioning extends BaseVersioning {
    override determineVersion(request: Request): string | null {
      const version = request.headers['x-version'] ?? this.getDefaultVersion(request);
      if (!this.isAllowedVersion(version, request)) throw new NotFound('No such version.');
      return version;
    }
  }

  it('reads what it likes', async () => {
    expect((await of(siteWith(HeaderVersioning), '/echo/', { 'x-version': 'v2' }))[0]).toBe('v2');
    expect(await of(siteWith(HeaderVersioning), '/echo/', { 'x-version': 'v5' })).toEqual([404, 'No such version.']);
  });
});

describe('a wrong version', () => {
  it('is told before a wrong method', async () => {
    const answer = await siteWith(QueryParameterVersioning).send({ method: 'POST', path: '/echo/?version=v9' });
    expect(answer.status).toBe(404);
  });
});
