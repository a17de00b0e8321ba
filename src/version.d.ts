/** The product's version, put in by the build. */
declare const __TANDEM_VERSION__: string;
