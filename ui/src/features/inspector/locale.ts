export { locale } from '../../project/locale';
