/** A book in print that costs less is on sale. */
export const SALE_PRICE = 10;
