import {
  BasicAuthentication,
  DjangoModelPermissions,
  DjangoModelPermissionsOrAnonReadOnly,
  SessionAuthentication,
} from '@rf/auth';
import { TokenAuthentication } from '@rf/authtoken';
import { getObjectOr404 } from '@rf/generics';
import { db } from '@rf/orm';
import {
  AllowAny,
  allOf,
  anyOf,
  type AuthenticationClass,
  APIView,
  authenticationClasses,
  IsAdminUser,
  IsAuthenticated,
  IsAuthenticatedOrReadOnly,
  not,
  path,
  type PermissionClass,
  permissionClasses,
  type Request,
  type UrlEntry,
  type ViewClass,
} from '@rf/views';
import { echo } from './echo.ts';
import { Book } from './entities.ts';
import { IsNamedAlice, IsOwnerOrReadOnly } from './permissions.ts';
import {
  AlwaysFailingAuthentication,
  AlwaysFailingChallengeAuthentication,
  ApiUserAuthentication,
  ApiUserChallengeAuthentication,
  BearerAuthentication,
  BookshopRealmAuthentication,
} from './schemes.ts';

export class AuthEcho extends APIView {
  queryset = Book;

  override get(request: Request): unknown {
    return echo(request);
  }
  override post(request: Request): unknown {
    return echo(request);
  }
  override put(request: Request): unknown {
    return echo(request);
  }
  override delete(request: Request): unknown {
    return echo(request);
  }
}

class AuthOwner extends AuthEcho {
  override async initial(request: Request): Promise<void> {
    await super.initial(request);
    const books = db(request).createQueryBuilder(Book, 'book').leftJoinAndSelect('book.owner', 'owner');
    const book = await getObjectOr404(books, { id: this.params.pk });
    await this.checkObjectPermissions(request, book);
  }
}

const SCHEMES: Record<string, AuthenticationClass[]> = {
  none: [],
  basic: [BasicAuthentication],
  'basic-realm': [BookshopRealmAuthentication],
  token: [TokenAuthentication],
  bearer: [BearerAuthentication],
  session: [SessionAuthentication],
  'token-basic': [TokenAuthentication, BasicAuthentication],
  'basic-token': [BasicAuthentication, TokenAuthentication],
  'session-basic': [SessionAuthentication, BasicAuthentication],
  custom: [ApiUserAuthentication],
  'custom-challenge': [ApiUserChallengeAuthentication],
  'custom-token': [ApiUserAuthentication, TokenAuthentication],
  failing: [AlwaysFailingAuthentication],
  'failing-challenge': [AlwaysFailingChallengeAuthentication],
};

const POLICIES: Record<string, PermissionClass> = {
  'allow-any': AllowAny,
  authenticated: IsAuthenticated,
  admin: IsAdminUser,
  'read-only': IsAuthenticatedOrReadOnly,
  model: DjangoModelPermissions,
  'model-anon': DjangoModelPermissionsOrAnonReadOnly,
  composed: anyOf(allOf(IsAuthenticated, not(IsNamedAlice)), IsAdminUser),
};

/** A subclass of the same name with other policies. */
export function withPolicies(View: ViewClass, ...decorators: ((view: ViewClass) => void)[]): ViewClass {
  const Guarded = class extends (View as new () => APIView) {};
  Object.defineProperty(Guarded, 'name', { value: View.name });
  for (const decorate of decorators) decorate(Guarded);
  return Guarded;
}

export const authenticationUrls: UrlEntry[] = Object.entries(SCHEMES).flatMap(([scheme, classes]) => [
  ...Object.entries(POLICIES).map(([policy, permission]) =>
    path(
      `/auth/${scheme}/${policy}/`,
      withPolicies(AuthEcho, authenticationClasses(...classes), permissionClasses(permission)),
    ),
  ),
  path(
    `/auth/${scheme}/owner/:pk(\\d+)/`,
    withPolicies(AuthOwner, authenticationClasses(...classes), permissionClasses(IsOwnerOrReadOnly)),
  ),
]);
