import {
  APIView,
  apiView,
  BaseMetadata,
  BaseRenderer,
  JSONParser,
  JSONRenderer,
  metadataClass,
  MultiPartParser,
  nameView,
  parserClasses,
  path,
  rendererClasses,
  type Request,
} from '@rf/views';
import { describe, expect, it } from 'vitest';
import { TestSite } from './test-site.ts';

class Text extends BaseRenderer {
  readonly mediaType = 'text/plain';
  readonly format = 'txt';
  override render(data: unknown): string {
    return String(data);
  }
}

const PARSES = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'];
const options = (site: TestSite, target = '/') => site.send({ method: 'OPTIONS', path: target });

describe('OPTIONS (MD01, VW03)', () => {
  it('tells name, description, renderers and parsers', async () => {
    @rendererClasses(JSONRenderer, Text)
    @parserClasses(JSONParser, MultiPartParser)
    class PlainDescription extends APIView {
      override description = `A view with a description.

        It has
          two paragraphs.
        `;
      override get() {
        return {};
      }
    }
    const answer = await options(new TestSite(PlainDescription));
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      name: 'Plain Description',
      description: 'A view with a description.\n\nIt has\n  two paragraphs.',
      renders: ['application/json', 'text/plain'],
      parses: ['application/json', 'multipart/form-data'],
    });
  });

  it('tells what a generic view says of its actions', async () => {
    class Described extends APIView {
      override post() {
        return {};
      }
      describeActions({ user }: Request) {
        return user.isAuthenticated ? { POST: {} } : null;
      }
    }
    expect((await options(new TestSite(Described))).json).toEqual({
      name: 'Described',
      description: '',
      renders: ['application/json'],
      parses: PARSES,
    });
  });

  it('is 405 where metadata are switched off (MD03)', async () => {
    @metadataClass(null)
    class NoOptions extends APIView {
      override get() {
        return {};
      }
    }
    const answer = await options(new TestSite(NoOptions));
    expect([answer.status, answer.json]).toEqual([405, { detail: 'Method "OPTIONS" not allowed.' }]);
    class Plain extends APIView {
      override get() {
        return {};
      }
    }
    expect((await options(new TestSite(Plain, { defaultMetadataClass: null }))).status).toBe(405);
  });

  it('is what a class of its own says (MD03)', async () => {
    class Minimal extends BaseMetadata {
      override determineMetadata(_request: Request, view: APIView) {
        return { name: view.getViewName(), methods: view.allowedMethods };
      }
    }
    @metadataClass(Minimal)
    class MinimalMeta extends APIView {
      override get() {
        return {};
      }
      override delete() {
        return {};
      }
    }
    expect((await options(new TestSite(MinimalMeta))).json).toEqual({
      name: 'Minimal Meta',
      methods: ['GET', 'DELETE', 'HEAD', 'OPTIONS'],
    });
  });
});

describe('names of views (VW10)', () => {
  const named = (name: string, suffix: string | null = null) => {
    const Class = { [name]: class extends APIView {} }[name] as new () => APIView;
    return nameView(Object.assign(new Class(), { suffix }));
  };

  it.each([
    ['HTTPOrderAPIView', 'Http Order Api'],
    ['AllMethods', 'All Methods'],
    ['BookListView', 'Book List'],
    ['BookViewSet', 'Book'],
    ['View', 'View'],
    ['ViewSet', 'View Set'],
    ['book_list', 'Book List'],
    ['getV2Books', 'Get V2 Books'],
    ['OAuth2Token', 'O Auth2 Token'],
    ['URL', 'Url'],
  ])('%s is %s', (className, name) => {
    expect(named(className)).toBe(name);
  });

  it('have a suffix after a space', () => {
    expect(named('BookViewSet', 'List')).toBe('Book List');
  });

  it('can be given by fields, methods and settings', async () => {
    class ByField extends APIView {
      override name = 'Chosen name';
      override description = 'Chosen description';
      override get() {
        return {};
      }
    }
    class ByMethod extends ByField {
      override getViewName() {
        return 'From a method';
      }
      override getViewDescription() {
        return 'Described by a method';
      }
    }
    expect((await options(new TestSite(ByField))).json).toMatchObject({
      name: 'Chosen name',
      description: 'Chosen description',
    });
    expect((await options(new TestSite(ByMethod))).json).toMatchObject({
      name: 'From a method',
      description: 'Described by a method',
    });
    const site = new TestSite(ByField, {
      viewNameFunction: (view) => `<${view.constructor.name}>`,
      viewDescriptionFunction: () => 'By setting',
    });
    expect((await options(site)).json).toMatchObject({ name: '<ByField>', description: 'By setting' });
  });

  it('of functions are made from their names, and from the URL where there is none', async () => {
    const site = new TestSite([
      path(
        '/a/',
        apiView()(function functionEcho() {
          return {};
        }),
      ),
      path(
        '/api/sold-out/:pk/',
        apiView()(() => ({})),
      ),
      path(
        '/:pk/',
        apiView()(() => ({})),
      ),
    ]);
    const names = await Promise.all(
      ['/a/', '/api/sold-out/1/', '/1/'].map(async (url) => (await options(site, url)).json.name),
    );
    expect(names).toEqual(['Function Echo', 'Sold Out', '']);
  });
});

describe('descriptions (VW10)', () => {
  const described = async (description: string) => {
    class Look extends APIView {
      override description = description;
      override get() {
        return {};
      }
    }
    return (await options(new TestSite(Look))).json.description;
  };

  it.each([
    ['One line.', 'One line.'],
    ['\n    Indented.\n      More.\n    Less.\n  ', 'Indented.\n  More.\nLess.'],
    ['\n\t\tTabs.\n\t\t\tMore.', 'Tabs.\n\tMore.'],
    ['First.\n\n    Second.\r\n    Third.', 'First.\n\nSecond.\nThird.'],
    ['', ''],
  ])('lose the indentation that all lines have', async (text, expected) => {
    expect(await described(text)).toBe(expected);
  });
});
