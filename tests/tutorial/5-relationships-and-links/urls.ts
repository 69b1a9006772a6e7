import { authUrls } from '@rf/auth';
import { obtainAuthToken } from '@rf/authtoken';
import { include, path, type UrlEntry } from '@rf/views';
import { notesUrls } from './notes/urls.ts';

export const urls: readonly UrlEntry[] = [
  include('/', notesUrls),
  path('/api-token-auth/', obtainAuthToken),
  authUrls('/accounts/'),
];
