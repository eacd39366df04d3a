/** Prototypes in koffi's dialect, one per row, for the shared object. */
export declare const koffiPrototypes: () => Record<string, string>;
export declare const prototypes: () => string;
export declare const systemCalls: () => string;
export declare const glue: () => string;
/** A constant that disagrees with this machine's headers stops the build. */
export declare const assertions: () => string;
