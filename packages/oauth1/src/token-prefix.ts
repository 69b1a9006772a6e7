/** Starts of the values that this package makes, so that people and secret scanners recognise them. */
export const tokenPrefixes = {
  accessToken: 'o1a_',
  temporary: 'o1t_',
  secret: 'o1s_',
  verifier: 'o1v_',
} as const;
