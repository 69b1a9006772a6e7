/** What a token view answers with: encoded tokens by name, such as `access` and `refresh`. */
export type TokenAnswer = Readonly<Record<string, string>>;
