import { auth, authUrls, SessionAuthentication } from '@rf/auth';
import { accessTokenUrls, authtoken, createToken, obtainAuthToken, TokenAuthentication } from '@rf/authtoken';
import { defineProject, onCreate } from '@rf/project';
import { IsAuthenticatedOrReadOnly, path } from '@rf/views';
import { exampleUrls } from './example-views.ts';
import { Member } from './members/member.ts';
import { members } from './members/members.ts';
import { openThrottleStore } from './throttle-store.ts';

export const project = defineProject({
  apps: [auth(), members, authtoken()],
  userModel: Member,
  database: process.env.DATABASE_URL ?? 'pglite://./data',
  hooks: [onCreate(Member, (member, manager) => createToken(manager, member))],
  settings: {
    defaultAuthenticationClasses: [TokenAuthentication, SessionAuthentication],
    defaultPermissionClasses: [IsAuthenticatedOrReadOnly],
    throttleStore: await openThrottleStore(),
  },
  urls: [
    ...exampleUrls,
    path('/api-token-auth/', obtainAuthToken),
    accessTokenUrls('/access-tokens/'),
    authUrls('/accounts/'),
  ],
});

export default project;
