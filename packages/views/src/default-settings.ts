import { ImproperlyConfigured } from '@rf/exceptions';
import { exceptionHandler } from './exception-handler.ts';
import { SimpleMetadata } from './metadata.ts';
import { DefaultContentNegotiation } from './negotiation.ts';
import { MultiPartParser } from './multi-part-parser.ts';
import { MultiPartRenderer } from './multi-part-renderer.ts';
import { FormParser, JSONParser } from './parsers.ts';
import { AllowAny } from './permissions.ts';
import { parseRate } from './rate.ts';
import { JSONRenderer } from './renderers.ts';
import { AnonymousUser } from './request-user.ts';
import type { Settings } from './settings.ts';

/** The defaults of every setting (SG02–SG04). The authentication classes are none: @rf/auth and others bring them. */
export const defaultSettings: Settings = {
  defaultRendererClasses: [JSONRenderer],
  defaultParserClasses: [JSONParser, FormParser, MultiPartParser],
  defaultAuthenticationClasses: [],
  defaultPermissionClasses: [AllowAny],
  defaultThrottleClasses: [],
  defaultContentNegotiationClass: DefaultContentNegotiation,
  defaultMetadataClass: SimpleMetadata,
  defaultVersioningClass: null,
  unauthenticatedUser: () => new AnonymousUser(),
  unauthenticatedToken: null,
  defaultThrottleRates: { user: null, anon: null },
  numProxies: null,
  throttleStore: null,
  rateLimitHeaders: false,
  defaultVersion: null,
  allowedVersions: null,
  versionParam: 'version',
  exceptionHandler,
  nonFieldErrorsKey: 'non_field_errors',
  urlFormatOverride: 'format',
  formatSuffixKwarg: 'format',
  urlFieldName: 'url',
  compactJson: true,
  unicodeJson: true,
  strictJson: true,
  coerceDecimalToString: true,
  coerceBigintToString: false,
  uploadedFilesUseUrl: true,
  storage: null,
  unknownFields: 'ignore',
  templates: null,
  defaultPaginationClass: null,
  pageSize: null,
  defaultFilterBackends: [],
  searchParam: 'search',
  orderingParam: 'ordering',
  viewNameFunction: null,
  viewDescriptionFunction: null,
  testRequestDefaultFormat: 'multipart',
  testRequestRendererClasses: [MultiPartRenderer, JSONRenderer],
  dataUploadMaxMemorySize: 2_621_440,
  fileUploadMaxSize: 26_214_400,
  dataUploadMaxNumberFields: 1000,
  dataUploadMaxNumberFiles: 100,
  maxJsonDepth: 100,
  trustedProxies: 0,
  allowedHosts: null,
  atomicRequests: false,
  debug: false,
};

/** The defaults with some replaced. Throws ImproperlyConfigured for a name that is no setting (SG01), or a rate that cannot be read. */
export function makeSettings(overrides: Partial<Settings> = {}): Settings {
  for (const name of Object.keys(overrides)) {
    if (!Object.hasOwn(defaultSettings, name)) {
      throw new ImproperlyConfigured(
        `settings.${name} is no setting. Known are: ${Object.keys(defaultSettings).sort().join(', ')}.`,
      );
    }
  }
  const settings = { ...defaultSettings, ...overrides };
  for (const [scope, rate] of Object.entries(settings.defaultThrottleRates)) {
    try {
      if (rate !== null) parseRate(rate);
    } catch (error) {
      throw new ImproperlyConfigured(`settings.defaultThrottleRates.${scope}: ${(error as Error).message}`);
    }
  }
  return settings;
}
