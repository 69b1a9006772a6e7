import { NotAcceptable, NotFound } from '@rf/exceptions';
import { MediaType } from './media-type.ts';
import { replaceQueryParam } from './query-link.ts';
import type { Params } from './api-view.ts';
import type { Request } from './request.ts';

/** Determines the version that a request asks for (VE01, VE09). One object serves all requests of a view. */
export abstract class BaseVersioning {
  /** Overrides of the project's settings for a subclass; undefined leaves them. */
  readonly defaultVersion?: string | null;
  readonly allowedVersions?: readonly string[] | null;
  readonly versionParam?: string;

  /** The version; null when none was asked for and none is the default. Throws NotFound or NotAcceptable. */
  abstract determineVersion(request: Request, params: Params): string | null;

  /** The path of the view called `name` in the request's version. */
  reverse(name: string, params: Readonly<Record<string, unknown>>, request: Request): string {
    return request.site.urls.reverse(name, params);
  }

  /** The version of a request that names none. */
  protected getDefaultVersion(request: Request): string | null {
    return this.defaultVersion === undefined ? request.site.settings.defaultVersion : this.defaultVersion;
  }

  /** The name of the URL argument or parameter. */
  protected getVersionParam(request: Request): string {
    return this.versionParam ?? request.site.settings.versionParam;
  }

  /** True for any version when none are listed; the default version is always allowed (VE02). */
  protected isAllowedVersion(version: string | null, request: Request): boolean {
    const allowed = this.allowedVersions === undefined ? request.site.settings.allowedVersions : this.allowedVersions;
    if (allowed === null || allowed.length === 0) return true;
    return (version !== null && version === this.getDefaultVersion(request)) || allowed.includes(version as string);
  }
}

/** A concrete versioning class, made once for each view without arguments. */
export type VersioningClass = new () => BaseVersioning;

/** `Accept: application/json; version=1.0` (VE03). */
export class AcceptHeaderVersioning extends BaseVersioning {
  override determineVersion(request: Request): string | null {
    const mediaType = new MediaType(request.acceptedMediaType ?? '');
    const version = mediaType.params.get(this.getVersionParam(request)) ?? this.getDefaultVersion(request);
    if (!this.isAllowedVersion(version, request)) throw new NotAcceptable('Invalid version in "Accept" header.');
    return version;
  }
}

/** `/v1/books/`: the URL argument `version` (VE04). */
export class URLPathVersioning extends BaseVersioning {
  override determineVersion(request: Request, params: Params): string | null {
    const version = params[this.getVersionParam(request)] ?? this.getDefaultVersion(request);
    if (!this.isAllowedVersion(version, request)) throw new NotFound('Invalid version in URL path.');
    return version;
  }

  override reverse(name: string, params: Readonly<Record<string, unknown>>, request: Request): string {
    if (request.version === null) return super.reverse(name, params, request);
    return super.reverse(name, { [this.getVersionParam(request)]: request.version, ...params }, request);
  }
}

/** `include('/v1/', urls, { namespace: 'v1' })`: the namespace of the URL (VE05). */
export class NamespaceVersioning extends BaseVersioning {
  override determineVersion(request: Request): string | null {
    const namespaces = request.view.namespaces;
    if (namespaces.length === 0) return this.getDefaultVersion(request);
    const version = namespaces.find((namespace) => this.isAllowedVersion(namespace, request));
    if (version === undefined) {
      throw new NotFound('Invalid version in URL path. Does not match any version namespace.');
    }
    return version;
  }

  override reverse(name: string, params: Readonly<Record<string, unknown>>, request: Request): string {
    if (request.version === null) return super.reverse(name, params, request);
    return super.reverse(`${request.version}:${name}`, params, request);
  }
}

/** `v1.example.com`: the first label of the host name (VE06). */
export class HostNameVersioning extends BaseVersioning {
  /** Its first group is the version. */
  readonly hostnamePattern: RegExp = /^([a-zA-Z0-9]+)\.[a-zA-Z0-9]+\.[a-zA-Z0-9]+$/;

  override determineVersion(request: Request): string | null {
    const hostname = request.host.replace(/:\d+$/, '');
    const found = this.hostnamePattern.exec(hostname);
    if (found === null) return this.getDefaultVersion(request);
    const version = found[1] as string;
    if (!this.isAllowedVersion(version, request)) throw new NotFound('Invalid version in hostname.');
    return version;
  }
}

/** `?version=v1` (VE07). */
export class QueryParameterVersioning extends BaseVersioning {
  override determineVersion(request: Request): string | null {
    const version = request.queryParams.get(this.getVersionParam(request)) ?? this.getDefaultVersion(request);
    if (!this.isAllowedVersion(version, request)) throw new NotFound('Invalid version in query parameter.');
    return version;
  }

  override reverse(name: string, params: Readonly<Record<string, unknown>>, request: Request): string {
    const path = super.reverse(name, params, request);
    return request.version === null ? path : replaceQueryParam(path, this.getVersionParam(request), request.version);
  }
}
