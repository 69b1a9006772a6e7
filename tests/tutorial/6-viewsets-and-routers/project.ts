import { auth, SessionAuthentication } from '@rf/auth';
import { authtoken, TokenAuthentication } from '@rf/authtoken';
import { PageNumberPagination } from '@rf/generics';
import { defineProject } from '@rf/project';
import { IsAuthenticatedOrReadOnly } from '@rf/views';
import { notes } from './notes/app.ts';
import { urls } from './urls.ts';

export default defineProject({
  // New apps go here, after those they use.
  apps: [auth(), authtoken(), notes],
  database: process.env.DATABASE_URL ?? 'pglite://./data',
  urls,
  settings: {
    defaultAuthenticationClasses: [TokenAuthentication, SessionAuthentication],
    defaultPermissionClasses: [IsAuthenticatedOrReadOnly],
    defaultPaginationClass: PageNumberPagination,
    pageSize: 10,
  },
});
