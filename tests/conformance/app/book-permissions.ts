import { DjangoModelPermissions, DjangoModelPermissionsOrAnonReadOnly, DjangoObjectPermissions } from '@rf/auth';
import { ListCreateAPIView, RetrieveUpdateDestroyAPIView } from '@rf/generics';
import type { Serializer } from '@rf/serializers';
import {
  allOf,
  anyOf,
  APIView,
  IsAdminUser,
  IsAuthenticated,
  IsAuthenticatedOrReadOnly,
  not,
  path,
  type PermissionClass,
  permissionClasses,
  type Request,
  type UrlEntry,
} from '@rf/views';
import { withPolicies } from './authentication.ts';
import { echoUser } from './echo.ts';
import { Book } from './entities.ts';
import { HasShopHeader, IsNamedAlice, IsOwner, IsOwnerOrReadOnly } from './permissions.ts';
import { BookMiniSerializer } from './serializers-shared.ts';

class BookList extends ListCreateAPIView<Book> {
  override queryset = Book;
  override serializerClass = BookMiniSerializer;

  override async performCreate(serializer: Serializer): Promise<void> {
    await serializer.save({ owner: this.request.user });
  }
}

class BookDetail extends RetrieveUpdateDestroyAPIView<Book> {
  override queryset = Book;
  override serializerClass = BookMiniSerializer;
}

const answer = (request: Request): unknown => ({ method: request.method, user: echoUser(request.user) });

class PermissionEcho extends APIView {
  override get(request: Request): unknown {
    return answer(request);
  }
  override post(request: Request): unknown {
    return answer(request);
  }
}

const list = (permission: PermissionClass) => withPolicies(BookList, permissionClasses(permission));
const detail = (...permissions: PermissionClass[]) => withPolicies(BookDetail, permissionClasses(...permissions));

const COMPOSED: Record<string, PermissionClass[]> = {
  and: [allOf(IsAuthenticated, IsAdminUser)],
  or: [anyOf(IsAdminUser, IsNamedAlice)],
  not: [not(IsAuthenticated)],
  nested: [anyOf(allOf(IsAuthenticatedOrReadOnly, not(IsNamedAlice)), IsAdminUser)],
  list: [IsAuthenticated, HasShopHeader],
  'list-message-first': [HasShopHeader, IsAuthenticated],
  message: [HasShopHeader],
  'message-dict': [IsNamedAlice],
  empty: [],
};

export const permissionUrls: UrlEntry[] = [
  path('/permissions/model/books/', list(DjangoModelPermissions)),
  path('/permissions/model/books/:pk/', detail(DjangoModelPermissions)),
  path('/permissions/model-anon/books/', list(DjangoModelPermissionsOrAnonReadOnly)),
  path('/permissions/model-anon/books/:pk/', detail(DjangoModelPermissionsOrAnonReadOnly)),
  path('/permissions/model-object/books/:pk/', detail(DjangoObjectPermissions)),
  path('/permissions/object/books/:pk/', detail(IsOwnerOrReadOnly)),
  path('/permissions/composed-object/or/books/:pk/', detail(anyOf(IsAdminUser, IsOwner))),
  path('/permissions/composed-object/and/books/:pk/', detail(allOf(IsAuthenticated, IsOwner))),
  path('/permissions/composed-object/not/books/:pk/', detail(IsAuthenticated, not(IsOwner))),
  path('/permissions/composed-object/plain/books/:pk/', detail(IsOwner)),
  ...Object.entries(COMPOSED).map(([name, classes]) =>
    path(`/permissions/composed/${name}/`, withPolicies(PermissionEcho, permissionClasses(...classes))),
  ),
];
