/**
 * Turns off the reports that ONNX Runtime's builds send to their maker (from 1.29 on: on unless told otherwise). To be called before the
 * library is loaded, by whoever loads it: it is asked for once, when the library begins.
 */
export function disableTelemetry(): void {
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
}
