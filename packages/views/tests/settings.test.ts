import { ImproperlyConfigured } from '@rf/exceptions';
import {
  AllowAny,
  DefaultContentNegotiation,
  defaultSettings,
  FormParser,
  JSONParser,
  JSONRenderer,
  makeSettings,
  MultiPartParser,
  SimpleMetadata,
} from '@rf/views';
import { describe, expect, it } from 'vitest';

describe('settings', () => {
  it('have the defaults of DRF for policies (SG02)', () => {
    expect(defaultSettings).toMatchObject({
      defaultRendererClasses: [JSONRenderer],
      defaultParserClasses: [JSONParser, FormParser, MultiPartParser],
      defaultPermissionClasses: [AllowAny],
      defaultThrottleClasses: [],
      defaultContentNegotiationClass: DefaultContentNegotiation,
      defaultMetadataClass: SimpleMetadata,
      defaultVersioningClass: null,
      defaultPaginationClass: null,
      defaultFilterBackends: [],
    });
  });

  it('have the defaults of DRF for the rest (SG03, SG04)', () => {
    expect(defaultSettings).toMatchObject({
      defaultThrottleRates: { user: null, anon: null },
      numProxies: null,
      pageSize: null,
      searchParam: 'search',
      orderingParam: 'ordering',
      versionParam: 'version',
      nonFieldErrorsKey: 'non_field_errors',
      urlFormatOverride: 'format',
      formatSuffixKwarg: 'format',
      urlFieldName: 'url',
      unicodeJson: true,
      compactJson: true,
      strictJson: true,
      coerceDecimalToString: true,
      coerceBigintToString: false,
      uploadedFilesUseUrl: true,
      storage: null,
    });
  });

  it('replace some and keep the others', () => {
    expect(makeSettings({ pageSize: 20 })).toEqual({ ...defaultSettings, pageSize: 20 });
  });

  it('refuse a name that is no setting (SG01)', () => {
    expect(() => makeSettings({ pagesize: 20 } as never)).toThrow(ImproperlyConfigured);
    expect(() => makeSettings({ pagesize: 20 } as never)).toThrow(
      /settings\.pagesize is no setting\. Known are: allowedHosts, /,
    );
  });
});
