import { RetrieveAPIView } from '@rf/generics';
import { HyperlinkedIdentityField, HyperlinkedRelatedField, ModelSerializer } from '@rf/orm';
import { Serializer } from '@rf/serializers';
import {
  AcceptHeaderVersioning,
  APIView,
  HostNameVersioning,
  include,
  JSONRenderer,
  NamespaceVersioning,
  path,
  QueryParameterVersioning,
  rendererClasses,
  type Request,
  reverse,
  type UrlEntry,
  URLPathVersioning,
  versioningClass,
  type VersioningClass,
} from '@rf/views';
import { withPolicies } from './authentication.ts';
import { Tag } from './entities.ts';
import { PlainTextRenderer } from './renderers.ts';

const VERSIONS = ['v1', 'v2'];

class AcceptScheme extends AcceptHeaderVersioning {
  override readonly allowedVersions = VERSIONS;
  override readonly defaultVersion = 'v1';
}

class PathScheme extends URLPathVersioning {
  override readonly allowedVersions = VERSIONS;
  override readonly defaultVersion = 'v1';
}

class NamespaceScheme extends NamespaceVersioning {
  override readonly allowedVersions = VERSIONS;
  override readonly defaultVersion = 'v1';
}

class HostScheme extends HostNameVersioning {
  override readonly allowedVersions = VERSIONS;
  override readonly defaultVersion = 'v1';
}

class QueryScheme extends QueryParameterVersioning {
  override readonly allowedVersions = VERSIONS;
  override readonly defaultVersion = 'v1';
}

class OpenQueryScheme extends QueryParameterVersioning {
  override readonly allowedVersions = null;
  override readonly defaultVersion = null;
  override readonly versionParam = 'v';
}

class RequiredQueryScheme extends QueryParameterVersioning {
  override readonly allowedVersions = VERSIONS;
  override readonly defaultVersion = null;
}

interface Links {
  /** Name of the tag URL under the scheme. */
  readonly tagView: string | null;
}

class VersionEcho extends APIView implements Links {
  tagView: string | null = null;

  override get(request: Request): unknown {
    const { version } = request;
    if (this.tagView === null) return { version };
    return { version, link: reverse(this.tagView, { params: { pk: 1 }, request }) };
  }
}

interface Scheme {
  readonly name: string;
  readonly versioning: VersioningClass;
}

function schemeUrls({ name, versioning }: Scheme): UrlEntry[] {
  const tagView = `${name}-tag`;

  class TagSerializer extends ModelSerializer(Tag, { fields: ['url', 'slug'] }) {
    url = new HyperlinkedIdentityField({ viewName: tagView });
  }

  @versioningClass(versioning)
  class VersionedTag extends RetrieveAPIView<Tag> {
    override queryset = Tag;
    override serializerClass = TagSerializer;
  }

  class LinkSerializer extends Serializer {
    tag = new HyperlinkedRelatedField({ viewName: tagView, queryset: Tag });
  }

  @versioningClass(versioning)
  class LinkField extends APIView {
    override description = 'Accepts a hyperlink to a tag and tells which tag it was.';

    override async post(request: Request): Promise<unknown> {
      const serializer = new LinkSerializer({ data: request.data, context: { request } });
      await serializer.isValid({ raise: true });
      return { slug: (serializer.validatedData as unknown as { tag: Tag }).tag.slug };
    }
  }

  const Echo = withPolicies(VersionEcho, versioningClass(versioning));
  return [
    path('/echo/', { view: Echo, initial: { tagView } }),
    path('/tags/:pk/', VersionedTag, { name: tagView }),
    path('/link-field/', LinkField),
  ];
}

const accept = schemeUrls({ name: 'accept', versioning: AcceptScheme });
const byPath = schemeUrls({ name: 'path', versioning: PathScheme });
const namespace = schemeUrls({ name: 'namespace', versioning: NamespaceScheme });
const host = schemeUrls({ name: 'host', versioning: HostScheme });
const query = schemeUrls({ name: 'query', versioning: QueryScheme });

const echo = (versioning: VersioningClass | null) => withPolicies(VersionEcho, versioningClass(versioning));

export const versioningUrls: UrlEntry[] = [
  include('/versioning/accept/', accept),
  include('/versioning/path/:version/', byPath),
  include('/versioning/namespace/v1/', namespace, { namespace: 'v1' }),
  include('/versioning/namespace/v2/', namespace, { namespace: 'v2' }),
  include('/versioning/namespace/beta/', namespace, { namespace: 'beta' }),
  include('/versioning/host/', host),
  include('/versioning/query/', query),
  path('/versioning/none/echo/', echo(null)),
  path('/versioning/path-default/echo/', echo(PathScheme)),
  path('/versioning/namespace/echo/', echo(NamespaceScheme)),
  path(
    '/versioning/accept-two/echo/',
    withPolicies(VersionEcho, versioningClass(AcceptScheme), rendererClasses(JSONRenderer, PlainTextRenderer)),
  ),
  path('/versioning/query-open/echo/', echo(OpenQueryScheme)),
  path('/versioning/query-required/echo/', echo(RequiredQueryScheme)),
];
