import { ImproperlyConfigured } from '@rf/exceptions';
import { resourceKey } from '@rf/views';

/** Options of `hawk()`. */
export interface HawkSettings {
  /** Seconds that clocks may differ, both ways. Default 60. */
  readonly skew?: number;
  /** Bodies must be covered by a hash: the MAC alone does not prove them. Default true. */
  readonly payloadRequired?: boolean;
  /** Answers are signed with `Server-Authorization`. Default true. */
  readonly signResponses?: boolean;
  /** GET and HEAD may be authorised by a ticket in the query. It can be used again and again until it ends. Default false. */
  readonly bewit?: boolean;
  /** Credentials with SHA-1 are accepted. Default false. */
  readonly sha1?: boolean;
}

/** The same with defaults. */
export interface HawkOptions extends Required<HawkSettings> {
  /** Opened in place of the key of a credential that is not known. */
  readonly decoySealed: string;
}

export const hawkOptionsKey = resourceKey<HawkOptions>('options of the hawk app');

/** Fills in defaults. Throws ImproperlyConfigured for a skew that cannot be. */
export function hawkOptions(settings: HawkSettings): Required<HawkSettings> {
  const { skew = 60, payloadRequired = true, signResponses = true, bewit = false, sha1 = false } = settings;
  if (!(skew > 0)) throw new ImproperlyConfigured(`hawk({ skew: ${skew} }): write a number of seconds above 0.`);
  return { skew, payloadRequired, signResponses, bewit, sha1 };
}
