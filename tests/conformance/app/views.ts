import { BasicAuthentication } from '@rf/auth';
import { NotFound } from '@rf/exceptions';
import {
  APIView,
  apiView,
  authenticationClasses,
  IsAuthenticated,
  IsAuthenticatedOrReadOnly,
  JSONParser,
  JSONRenderer,
  metadataClass,
  parserClasses,
  path,
  type Params,
  permissionClasses,
  rendererClasses,
  type Request,
  Response,
  type UrlEntry,
} from '@rf/views';
import { echoUser, plain } from './echo.ts';
import { PlainTextRenderer } from './renderers.ts';

function answerEcho(style: string, request: Request): unknown {
  const { method } = request;
  if (method !== 'POST') return { style, method, query: plain(request.queryParams) };
  return new Response({ style, method, user: echoUser(request.user), data: plain(request.data) }, { status: 201 });
}

@permissionClasses(IsAuthenticatedOrReadOnly)
class ClassEcho extends APIView {
  override description = 'Echoes what it was sent.';

  override get(request: Request): unknown {
    return answerEcho('class', request);
  }
  override post(request: Request): unknown {
    return answerEcho('class', request);
  }
}

const functionEcho = apiView(
  ['GET', 'POST'],
  permissionClasses(IsAuthenticatedOrReadOnly),
)(function functionEcho(request) {
  return answerEcho('function', request);
});
const functionGet = apiView()(function functionGet(request) {
  return { style: 'function', method: request.method };
});

const functionPolicies = apiView(
  ['POST'],
  authenticationClasses(BasicAuthentication),
  permissionClasses(IsAuthenticated),
  rendererClasses(PlainTextRenderer, JSONRenderer),
  parserClasses(JSONParser),
)(function functionPolicies(request) {
  return { user: request.user.getUsername(), data: plain(request.data) };
});

const answerMethod = (request: Request): unknown => ({ method: request.method });

class AllMethods extends APIView {
  override get(request: Request): unknown {
    return answerMethod(request);
  }
  override post(request: Request): unknown {
    return answerMethod(request);
  }
  override put(request: Request): unknown {
    return answerMethod(request);
  }
  override patch(request: Request): unknown {
    return answerMethod(request);
  }
  override delete(request: Request): unknown {
    return answerMethod(request);
  }
}

class PostOnly extends APIView {
  override post(request: Request): unknown {
    return answerMethod(request);
  }
}

@permissionClasses(IsAuthenticated)
class GuardedPostOnly extends PostOnly {}

class OwnHead extends APIView {
  override get(request: Request): unknown {
    return new Response({ method: request.method }, { headers: { 'X-Handler': 'get' } });
  }
  override head(): unknown {
    return new Response(null, { headers: { 'X-Handler': 'head' } });
  }
}

@metadataClass(null)
class NoOptions extends APIView {
  override get(request: Request): unknown {
    return answerMethod(request);
  }
}

class LimitedMethods extends AllMethods {
  override httpMethodNames = ['get', 'delete', 'options'];
}

class Status extends APIView {
  override get(_request: Request, params: Params): unknown {
    const code = Number(params.code);
    return new Response(code === 204 ? null : { status: code }, { status: code });
  }
}

class Headers extends APIView {
  override get(): unknown {
    return new Response({ ok: true }, { headers: { 'X-Shop': 'bookshop', Location: '/elsewhere/' } });
  }
}

class ContentType extends APIView {
  override get(): unknown {
    return new Response({ ok: true }, { contentType: 'application/problem+json' });
  }
}

class Nothing extends APIView {
  override get(): unknown {
    return new Response(null);
  }
  override delete(): unknown {
    return new Response(undefined, { status: 204 });
  }
}

const SCALARS: Record<string, unknown> = {
  string: 'plain',
  'empty-string': '',
  number: 42,
  true: true,
  false: false,
  list: [1, 2],
  'empty-list': [],
  'empty-object': {},
};

class Scalar extends APIView {
  override get(_request: Request, { kind = '' }: Params): unknown {
    if (!Object.hasOwn(SCALARS, kind)) throw new NotFound();
    return new Response(SCALARS[kind]);
  }
}

export const viewUrls: UrlEntry[] = [
  path('/views/class/', ClassEcho),
  path('/views/function/', { view: functionEcho.view, initial: { description: 'Echoes what it was sent.' } }),
  path('/views/function-get/', functionGet),
  path('/views/function-policies/', functionPolicies),
  path('/views/all-methods/', AllMethods),
  path('/views/post-only/', PostOnly),
  path('/views/guarded-post-only/', GuardedPostOnly),
  path('/views/own-head/', OwnHead),
  path('/views/no-options/', NoOptions),
  path('/views/limited-methods/', LimitedMethods),
  path('/views/status/:code(\\d+)/', Status),
  path('/views/headers/', Headers),
  path('/views/content-type/', ContentType),
  path('/views/nothing/', Nothing),
  path('/views/scalar/:kind/', Scalar),
];
