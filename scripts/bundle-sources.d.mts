/** The file to run in the place of `entry`, which is relative to the folder of the sources; that of the entry where no bundle can be made or kept. */
export function bundled(root: string, entry: string): Promise<string>;
