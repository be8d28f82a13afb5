export { ago } from '../../project/when';
