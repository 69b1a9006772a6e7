import { auth } from '@rf/auth';
import { authtoken, TokenAuthentication } from '@rf/authtoken';
import { db } from '@rf/orm';
import { defineApp, defineProject } from '@rf/project';
import {
  APIView,
  authenticationClasses,
  FormParser,
  JSONParser,
  JSONRenderer,
  MemoryThrottleStore,
  MultiPartParser,
  path,
  permissionClasses,
  type Request,
  Response,
} from '@rf/views';
import { authenticationUrls } from './authentication.ts';
import { permissionUrls } from './book-permissions.ts';
import { entities } from './entities.ts';
import { errorUrls } from './errors.ts';
import { fieldUrls } from './fields.ts';
import { filterUrls } from './filtering.ts';
import { genericUrls } from './generics.ts';
import { metadataUrls } from './metadata.ts';
import { Shop0001 } from './migrations.ts';
import { negotiationUrls } from './negotiation.ts';
import { paginationUrls } from './pagination.ts';
import { parserUrls } from './parsers.ts';
import { relationUrls } from './relations.ts';
import { reset } from './seed.ts';
import { serializerUrls } from './serializers.ts';
import { sessionUrls } from './session.ts';
import { throttleRates, throttlingUrls } from './throttling.ts';
import { versioningUrls } from './versioning.ts';
import { viewUrls } from './views.ts';
import { viewsetUrls } from './viewsets.ts';

const throttleStore = new MemoryThrottleStore();

@authenticationClasses()
@permissionClasses()
class Reset extends APIView {
  override async post(request: Request): Promise<Response> {
    await reset(db(request));
    throttleStore.clear();
    return new Response(undefined, { status: 204 });
  }
}

const shop = defineApp({ label: 'bookshop', entities, migrations: [Shop0001] });

export const project = defineProject({
  apps: [auth({ loginThrottle: null }), authtoken(), shop],
  database: process.env.DATABASE_URL ?? 'pglite://memory',
  secretKey: 'the-reference-application-has-no-secrets',
  settings: {
    defaultAuthenticationClasses: [TokenAuthentication],
    defaultRendererClasses: [JSONRenderer],
    defaultParserClasses: [JSONParser, FormParser, MultiPartParser],
    defaultThrottleRates: throttleRates,
    throttleStore,
  },
  urls: [
    path('/__reset__', Reset),
    ...authenticationUrls,
    ...sessionUrls,
    ...permissionUrls,
    ...viewUrls,
    ...errorUrls,
    ...parserUrls,
    ...negotiationUrls,
    ...metadataUrls,
    ...versioningUrls,
    ...paginationUrls,
    ...filterUrls,
    ...throttlingUrls,
    ...genericUrls,
    ...viewsetUrls,
    ...relationUrls,
    ...serializerUrls,
    ...fieldUrls,
  ],
});
