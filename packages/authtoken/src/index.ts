export { authtoken } from './authtoken.ts';
export { Token } from './token.ts';
export { TokenAuthentication, type TokenModel } from './token-authentication.ts';
export { createToken, getOrCreateToken } from './create-token.ts';
export { ObtainAuthToken, obtainAuthToken } from './obtain-auth-token.ts';
export { AuthTokenSerializer } from './auth-token-serializer.ts';
