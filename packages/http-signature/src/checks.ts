import type { Check, CheckMessage } from '@rf/project';
import { CavageSignatureAuthentication } from './cavage-authentication.ts';
import type { HttpSignatureOptions } from './http-signature-options.ts';

const HOUR = 3600;

/** What `rf check` and `rf check --deploy` say of signatures. */
export function httpSignatureChecks(options: HttpSignatureOptions): Check {
  return ({ settings }) => {
    const found: (CheckMessage | false)[] = [
      settings.defaultAuthenticationClasses.some(isCavage) && {
        id: 'http_signature.W001',
        level: 'warning',
        deploy: true,
        message: 'Every view accepts draft-cavage signatures, which never became a standard.',
        hint: 'Take CavageSignatureAuthentication out of defaultAuthenticationClasses; list it on the views that need it.',
      },
      options.maxAge > HOUR && {
        id: 'http_signature.W002',
        level: 'warning',
        deploy: true,
        message: `Signatures count for ${options.maxAge} seconds; each is remembered for as long.`,
        hint: 'Leave maxAge out of httpSignature() for five minutes.',
      },
      settings.allowedHosts === null && {
        id: 'http_signature.W003',
        level: 'warning',
        deploy: true,
        message: 'Any host counts as ours, so a request that was signed for another server may be sent to this one.',
        hint: "Write allowedHosts: ['api.example.com'] in the settings.",
      },
    ];
    return found.filter((message) => message !== false);
  };
}

const isCavage = (entry: unknown): boolean =>
  typeof entry === 'function' &&
  (entry === CavageSignatureAuthentication || entry.prototype instanceof CavageSignatureAuthentication);
