// @ts-check
/** The people of the stories. */
export const AN = {
  name: 'Nguyễn Văn Ẩn',
  id: '074090001234',
  address: 'Số 12/3, khu phố 4, đường ĐX 043',
  commune: 'thu dau mot',
  phone: '0912 345 678',
};
export const BABY = { name: 'Nguyễn Thị Hòa', birth: '21/10/2026', town: 'Phường Phú Lợi, Thành phố Hồ Chí Minh' };
export const MOTHER = { name: 'Trần Thị Mộng Thường', address: AN.address };
export const OFFICER = 'Lê Thị Một Cửa';
export const POSTAL = 'Phạm Văn Tuyến';

/** The answers to the birth registration form, in the order in which they are asked. */
export const BIRTH = {
  code: '1.001193',
  search: 'khai sinh',
  /** @type {[string, string][]} */
  answers: [
    ['applicant_name', AN.name],
    ['applicant_id', AN.id],
    ['applicant_address', AN.address],
    ['applicant_commune', AN.commune],
    ['applicant_phone', AN.phone],
    ['applicant_relation', 'father'],
    ['child_name', BABY.name],
    ['child_birth', BABY.birth],
    ['child_sex', 'female'],
    ['child_ethnicity', 'Kinh'],
    ['child_nationality', 'Việt Nam'],
    ['birth_place_kind', 'facility'],
    ['birth_facility', 'Bệnh viện Phụ sản'],
    ['birth_place_address', 'Phường Thủ Dầu Một, Thành phố Hồ Chí Minh'],
    ['home_town', BABY.town],
    ['mother_name', MOTHER.name],
    ['mother_nationality', 'Việt Nam'],
    ['mother_address', MOTHER.address],
    ['wants_copies', 'true'],
    ['copy_count', '3'],
    ['result_delivery', 'post'],
    ['result_address', AN.address],
    ['receiving_commune', AN.commune],
    ['declared_true', 'true'],
  ],
  paper: 'giay-chung-sinh',
};
