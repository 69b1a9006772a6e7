// The app
export { auth, type AuthSettings } from './auth.ts';
export {
  type AuthOptions,
  authOptions,
  authOptionsKey,
  type CookieSettings,
  type PasswordReset,
} from './auth-options.ts';

// Users, groups, permissions
export { AbstractUser } from './abstract-user.ts';
export { validateUsername } from './username-validator.ts';
export { User } from './user.ts';
export { Group } from './group.ts';
export { Permission } from './permission.ts';
export { ContentType } from './content-type.ts';
export { type UserModel, userModel, users } from './user-model.ts';
export { createSuperuser, createUser, type NewUser } from './create-user.ts';
export { findUser } from './find-user.ts';
export { findOrCreateUser } from './find-or-create-user.ts';
export { loginRedirect } from './login-redirect.ts';
export { secondsOfDays } from './commands/days-option.ts';
export { userNamed } from './commands/user-named.ts';
export { replacePassword, setPassword } from './set-password.ts';
export { type DefaultPermission, modelPermissions } from './declared-permissions.ts';
export { AnonymousUser } from '@rf/views';
export { getAllPermissions, hasModulePerms, hasPerm, hasPerms } from './has-perm.ts';

// Passwords
export {
  checkPassword,
  defaultPasswordHashers,
  isPasswordUsable,
  makePassword,
  type PasswordCheck,
  spendTime,
  verifyPassword,
} from './passwords.ts';
export type { PasswordHasher } from './password-hasher.ts';
export { type ScryptParameters, ScryptPasswordHasher } from './scrypt-hasher.ts';
export { PBKDF2PasswordHasher, PBKDF2SHA1PasswordHasher } from './pbkdf2-hasher.ts';
export { type Argon2Parameters, Argon2PasswordHasher } from './argon2-hasher.ts';
export { BCryptPasswordHasher, BCryptSHA256PasswordHasher } from './bcrypt-hasher.ts';
export {
  CommonPasswordValidator,
  defaultPasswordValidators,
  MinimumLengthValidator,
  NumericPasswordValidator,
  type PasswordOwner,
  type PasswordValidator,
  UserAttributeSimilarityValidator,
  validatePassword,
} from './password-validators.ts';

// Who is it?
export type { AuthenticationBackend, Credentials } from './authentication-backend.ts';
export { AllowAllUsersModelBackend, ModelBackend, RemoteUserBackend } from './backends.ts';
export { authenticate } from './authenticate.ts';
export { isUser, login, loginTime, logout, sessionUser, updateLastLogin, updateSessionHash } from './login.ts';
export { BasicAuthentication } from './basic-authentication.ts';
export { ChallengingSessionAuthentication, SessionAuthentication } from './session-authentication.ts';
export { RemoteUserAuthentication } from './remote-user-authentication.ts';
export { defaultLoginThrottle, refuseGuesses, throttleGuesses, throttleLogin } from './login-throttle.ts';
export type { LoginThrottleRates } from './login-throttle-rates.ts';

// Pages
export { authUrls, LoginView, LogoutView, PasswordChangeView } from './login-views.ts';
export { SessionPage } from './session-page.ts';
export { AccountPage, LoginRequired } from './account-page.ts';
export { PasswordResetConfirmView, passwordResetUrls, PasswordResetView } from './password-reset-views.ts';
export { checkPasswordResetToken, makePasswordResetToken } from './password-reset-token.ts';
export { escapeHtml, hiddenField, Html, html, OWN_PAGE_HEADERS, page, PAGE_HEADERS } from './html.ts';
export { safeRedirect } from './safe-redirect.ts';

// Sessions and CSRF
export { clearExpiredSessions, getSession, type RequestSession } from './request-session.ts';
export { Session } from './session.ts';
export {
  csrfFailure,
  csrfToken,
  enforceCsrf,
  exemptFromCsrf,
  makeCsrfSecret,
  maskCsrfSecret,
  rotateCsrfToken,
  unmaskCsrfToken,
} from './csrf.ts';

// Permission classes
export {
  DjangoModelPermissions,
  DjangoModelPermissionsOrAnonReadOnly,
  DjangoObjectPermissions,
  type PermsMap,
} from './model-permissions.ts';
export {
  hasScopes,
  IsAuthenticatedOrTokenHasScope,
  isScoped,
  missingScopes,
  requireScopes,
  type ScopedCredential,
  scopeRequired,
  TokenHasReadWriteScope,
  TokenHasResourceScope,
  TokenHasScope,
  TokenMatchesOASRequirements,
} from './scopes.ts';

// For providers of authorization
export { AuthorizationProvider, checkProviderUrls, type ProviderUrls } from './authorization-provider.ts';
export { type ConnectedApplication, connectedApplicationsBody } from './connected-applications.ts';
export { type Consent, consentBody, decisionForm, resourceList, scopeList } from './consent.ts';
export { ProtocolView } from './protocol-view.ts';

// For schemes
export { LONGEST_LIFETIME, OwnCredentialsView } from './own-credentials-view.ts';
export {
  type Authorization,
  parseAuthorization,
  parseAuthParams,
  sharesScheme,
} from './authorization-header.ts';
export { challengeMissingScopes, tellMissingScopes, writeChallenge } from './challenge.ts';
export { constantTimeEqual } from './constant-time.ts';
export { hashOpaqueToken, isOpaqueToken, makeOpaqueToken, opaqueTokenOf, randomLetters } from './opaque-token.ts';
export { noteUse, type UsedCredential } from './note-use.ts';
export { ReplayMemory, replayMemory } from './replay-memory.ts';
export { SealedSecretError, SecretBox, secretBox } from './secret-box.ts';
export { openStoredSecret } from './stored-secret.ts';
export { storedPublicKey } from './stored-public-key.ts';
export { type UserReference, userReference } from './user-reference.ts';
export { WorkQueue } from './work-queue.ts';
