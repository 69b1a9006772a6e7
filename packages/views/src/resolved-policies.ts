import { ImproperlyConfigured } from '@rf/exceptions';
import type { BaseAuthentication } from './authentication.ts';
import type { BaseMetadata } from './metadata.ts';
import type { BaseContentNegotiation } from './negotiation.ts';
import type { BaseParser } from './parsers.ts';
import type { BasePermission } from './permissions.ts';
import type { Policies } from './policies.ts';
import type { BaseRenderer } from './renderers.ts';
import type { Settings } from './settings.ts';
import type { BaseThrottle } from './throttling.ts';
import type { BaseVersioning } from './versioning.ts';

/** Policies as objects, made once when a URL is mounted. */
export interface ResolvedPolicies {
  readonly authenticators: readonly BaseAuthentication[];
  readonly permissions: readonly BasePermission[];
  readonly throttles: readonly BaseThrottle[];
  /** Undefined leaves it to the view's own field. */
  readonly throttleScope: string | null | undefined;
  readonly parsers: readonly BaseParser[];
  readonly renderers: readonly BaseRenderer[];
  readonly versioning: BaseVersioning | null;
  readonly metadata: BaseMetadata | null;
  readonly negotiation: BaseContentNegotiation;
}

/**
 * Makes the policy objects of one method of a view: the declared ones, else the project's defaults.
 *
 * @throws ImproperlyConfigured for a class that is of another kind
 */
export function resolvePolicies(declared: Policies, settings: Settings): ResolvedPolicies {
  const versioning =
    declared.versioningClass === undefined ? settings.defaultVersioningClass : declared.versioningClass;
  const metadata = declared.metadataClass === undefined ? settings.defaultMetadataClass : declared.metadataClass;
  return {
    authenticators: objectsOf(
      'authenticationClasses',
      declared.authenticationClasses ?? settings.defaultAuthenticationClasses,
      'authenticate',
    ),
    permissions: objectsOf(
      'permissionClasses',
      declared.permissionClasses ?? settings.defaultPermissionClasses,
      'hasPermission',
    ),
    throttles: objectsOf(
      'throttleClasses',
      declared.throttleClasses ?? settings.defaultThrottleClasses,
      'allowRequest',
    ),
    throttleScope: declared.throttleScope,
    parsers: objectsOf('parserClasses', declared.parserClasses ?? settings.defaultParserClasses, 'parse'),
    renderers: objectsOf('rendererClasses', declared.rendererClasses ?? settings.defaultRendererClasses, 'render'),
    versioning: versioning === null ? null : new versioning(),
    metadata: metadata === null ? null : new metadata(),
    negotiation: new (declared.contentNegotiationClass ?? settings.defaultContentNegotiationClass)(),
  };
}

function objectsOf<T extends object>(name: string, classes: readonly (new () => T)[], method: string & keyof T): T[] {
  return classes.map((Class) => {
    const made = new Class();
    if (typeof made[method] === 'function') return made;
    throw new ImproperlyConfigured(
      `${name} has ${Class.name}, which is of another kind: it has no method ${method}().`,
    );
  });
}
