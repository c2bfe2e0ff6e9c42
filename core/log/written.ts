/** What the appends of a log have come to, as far as it is kept. What a fork shares was written by others. */
export interface Written {
  readonly entries: number;
  /** Of the encoded entries. */
  readonly bytes: number;
  /** Write units of DynamoDB, of a kilobyte each, that putting these entries takes there (AWS, "DynamoDB read and write operations"). */
  readonly units: number;
}

export const NOTHING_WRITTEN: Written = { entries: 0, bytes: 0, units: 0 };

export const WRITE_UNIT = 1_024;

/** What an item takes besides its payload and what names its log and its writer: the names of its attributes, and its number (dynamodb/keys.ts; AWS, "DynamoDB item sizes and formats"). */
export const ITEM_BYTES = 32;

/** How many write units an entry takes. */
export const writeUnits = (bytes: number): number => Math.ceil(bytes / WRITE_UNIT);
