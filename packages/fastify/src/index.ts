export { restFramework, type RestFrameworkOptions } from './rest-framework.ts';
export { type Guard, guard } from './guard.ts';
export { restFrameworkServerOptions } from './server-options.ts';
export type { HealthCheckPaths } from './health-checks.ts';
export { closeOnSignals, type CloseOnSignalsOptions } from './close-on-signals.ts';
export { logSerializers, redactTarget } from './log-serializers.ts';
