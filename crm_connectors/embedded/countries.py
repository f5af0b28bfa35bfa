"""The countries of ISO 3166-1 by their usual English names: the embedded CRM's country picklist.

Source: `iso3166.tab` of the IANA time zone database (public domain), with its short forms written out.
"""

_TABLE = """
Afghanistan; Albania; Algeria; American Samoa; Andorra; Angola; Anguilla; Antarctica; Antigua & Barbuda;
Argentina; Armenia; Aruba; Australia; Austria; Azerbaijan; Åland Islands; Bahamas; Bahrain; Bangladesh;
Barbados; Belarus; Belgium; Belize; Benin; Bermuda; Bhutan; Bolivia; Bosnia & Herzegovina; Botswana; Bouvet
Island; Brazil; British Indian Ocean Territory; British Virgin Islands; Brunei; Bulgaria; Burkina Faso; Burundi;
Cambodia; Cameroon; Canada; Cape Verde; Caribbean Netherlands; Cayman Islands; Central African Republic; Chad;
Chile; China; Christmas Island; Cocos Islands; Colombia; Comoros; Cook Islands; Costa Rica; Côte d'Ivoire;
Croatia; Cuba; Curaçao; Cyprus; Czechia; Democratic Republic of the Congo; Denmark; Djibouti; Dominica;
Dominican Republic; East Timor; Ecuador; Egypt; El Salvador; Equatorial Guinea; Eritrea; Estonia; Eswatini;
Ethiopia; Falkland Islands; Faroe Islands; Fiji; Finland; France; French Guiana; French Polynesia; French
Southern Territories; Gabon; Gambia; Georgia; Germany; Ghana; Gibraltar; Greece; Greenland; Grenada; Guadeloupe;
Guam; Guatemala; Guernsey; Guinea; Guinea-Bissau; Guyana; Haiti; Heard Island & McDonald Islands; Honduras; Hong
Kong; Hungary; Iceland; India; Indonesia; Iran; Iraq; Ireland; Isle of Man; Israel; Italy; Jamaica; Japan;
Jersey; Jordan; Kazakhstan; Kenya; Kiribati; Kuwait; Kyrgyzstan; Laos; Latvia; Lebanon; Lesotho; Liberia; Libya;
Liechtenstein; Lithuania; Luxembourg; Macau; Madagascar; Malawi; Malaysia; Maldives; Mali; Malta; Marshall
Islands; Martinique; Mauritania; Mauritius; Mayotte; Mexico; Micronesia; Moldova; Monaco; Mongolia; Montenegro;
Montserrat; Morocco; Mozambique; Myanmar; Namibia; Nauru; Nepal; Netherlands; New Caledonia; New Zealand;
Nicaragua; Niger; Nigeria; Niue; Norfolk Island; North Korea; North Macedonia; Northern Mariana Islands; Norway;
Oman; Pakistan; Palau; Palestine; Panama; Papua New Guinea; Paraguay; Peru; Philippines; Pitcairn; Poland;
Portugal; Puerto Rico; Qatar; Republic of the Congo; Réunion; Romania; Russia; Rwanda; Saint Barthélemy; Saint
Helena; Saint Kitts & Nevis; Saint Lucia; Saint Martin; Saint Pierre & Miquelon; Saint Vincent & the Grenadines;
Samoa; San Marino; Saudi Arabia; São Tomé & Príncipe; Senegal; Serbia; Seychelles; Sierra Leone; Singapore; Sint
Maarten; Slovakia; Slovenia; Solomon Islands; Somalia; South Africa; South Georgia & the South Sandwich Islands;
South Korea; South Sudan; Spain; Sri Lanka; Sudan; Suriname; Svalbard & Jan Mayen; Sweden; Switzerland; Syria;
Taiwan; Tajikistan; Tanzania; Thailand; Togo; Tokelau; Tonga; Trinidad & Tobago; Tunisia; Turkey; Turkmenistan;
Turks & Caicos Islands; Tuvalu; Uganda; Ukraine; United Arab Emirates; United Kingdom; United States; United
States Minor Outlying Islands; United States Virgin Islands; Uruguay; Uzbekistan; Vanuatu; Vatican City;
Venezuela; Vietnam; Wallis & Futuna; Western Sahara; Yemen; Zambia; Zimbabwe
"""

COUNTRIES: tuple[str, ...] = tuple(name.strip() for name in " ".join(_TABLE.split()).split(";"))
