/** What a random value is for; the start of it, so that people and secret scanners recognise it. */
export type TokenPrefix = 'oat_' | 'ort_' | 'oac_' | 'odc_' | 'ocs_' | 'ora_';

/** Starts of the values that this package makes. */
export const tokenPrefixes = {
  accessToken: 'oat_',
  refreshToken: 'ort_',
  code: 'oac_',
  deviceCode: 'odc_',
  clientSecret: 'ocs_',
  registrationToken: 'ora_',
} as const satisfies Record<string, TokenPrefix>;
