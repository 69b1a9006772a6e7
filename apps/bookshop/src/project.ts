import { auth, authUrls, SessionAuthentication } from '@rf/auth';
import { createToken, TokenAuthentication } from '@rf/authtoken';
import { defineProject, onCreate } from '@rf/project';
import { FileSystemStorage, IsAuthenticatedOrReadOnly, path, StoredFiles } from '@rf/views';
import { exampleUrls } from './example-views.ts';
import { Member } from './members/member.ts';
import { members } from './members/members.ts';
import { schemes } from './schemes/schemes.ts';
import { shop } from './shop/shop.ts';
import { openThrottleStore } from './throttle-store.ts';

export const project = defineProject({
  apps: [auth(), members, shop, ...schemes.flatMap(({ apps = [] }) => apps)],
  userModel: Member,
  database: process.env.DATABASE_URL ?? 'pglite://./data',
  hooks: [onCreate(Member, (member, manager) => createToken(manager, member))],
  settings: {
    defaultAuthenticationClasses: [TokenAuthentication, SessionAuthentication],
    defaultPermissionClasses: [IsAuthenticatedOrReadOnly],
    storage: new FileSystemStorage({ directory: process.env.MEDIA_ROOT ?? './media' }),
    fileUploadMaxSize: 5_000_000,
    throttleStore: await openThrottleStore(),
  },
  urls: [
    ...exampleUrls,
    ...schemes.flatMap(({ urls }) => urls),
    authUrls('/accounts/'),
    path('/media/:name(.+)', StoredFiles),
  ],
});

export default project;
