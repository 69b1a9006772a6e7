export { restFramework, type RestFrameworkOptions } from './rest-framework.ts';
