/** How many attempts to log in are looked at. */
export interface LoginThrottleRates {
  /** For one account from anywhere. Default `10/min`. */
  readonly account: string;
  /** From one address for any account. Default `60/min`. */
  readonly address: string;
}
