"""Countries by code: ISO 3166-1 alpha-2 with the usual English names, several where usage differs.

Source: `iso3166.tab` of the IANA time zone database (public domain), with the forms that CRMs write.
"""

_TABLE = """
AD Andorra; AE United Arab Emirates; AF Afghanistan; AG Antigua and Barbuda; AG Antigua & Barbuda; AI Anguilla; AL
Albania; AM Armenia; AO Angola; AR Argentina; AS American Samoa; AS Samoa (American); AT Austria; AU Australia; AW
Aruba; AX Åland Islands; AZ Azerbaijan; BA Bosnia and Herzegovina; BA Bosnia & Herzegovina; BB Barbados; BD
Bangladesh; BE Belgium; BF Burkina Faso; BG Bulgaria; BH Bahrain; BI Burundi; BJ Benin; BL Saint Barthélemy; BL St
Barthelemy; BM Bermuda; BN Brunei; BO Bolivia; BQ Bonaire, Sint Eustatius and Saba; BQ Caribbean NL; BR Brazil; BS
Bahamas; BT Bhutan; BW Botswana; BY Belarus; BZ Belize; CA Canada; CC Cocos Islands; CC Cocos (Keeling) Islands; CD
The Democratic Republic Of Congo; CD Congo (Dem. Rep.); CF Central African Republic; CF Central African Rep.; CG
Congo; CG Congo (Rep.); CH Switzerland; CI Côte d'Ivoire; CK Cook Islands; CL Chile; CM Cameroon; CN China; CO
Colombia; CR Costa Rica; CU Cuba; CV Cape Verde; CW Curaçao; CX Christmas Island; CY Cyprus; CZ Czech Republic; DE
Germany; DJ Djibouti; DK Denmark; DM Dominica; DO Dominican Republic; DZ Algeria; EC Ecuador; EE Estonia; EG Egypt; EH
Western Sahara; ER Eritrea; ES Spain; ET Ethiopia; FI Finland; FJ Fiji; FK Falkland Islands; FM Micronesia; FO Faroe
Islands; FR France; GA Gabon; GB United Kingdom; GB Britain (UK); GD Grenada; GE Georgia; GF French Guiana; GG
Guernsey; GH Ghana; GI Gibraltar; GL Greenland; GM Gambia; GN Guinea; GP Guadeloupe; GQ Equatorial Guinea; GR Greece;
GT Guatemala; GU Guam; GW Guinea-Bissau; GY Guyana; HK Hong Kong; HN Honduras; HR Croatia; HT Haiti; HU Hungary; ID
Indonesia; IE Ireland; IL Israel; IM Isle Of Man; IM Isle of Man; IN India; IO British Indian Ocean Territory; IQ
Iraq; IR Iran; IS Iceland; IT Italy; JE Jersey; JM Jamaica; JO Jordan; JP Japan; KE Kenya; KG Kyrgyzstan; KH Cambodia;
KI Kiribati; KM Comoros; KN Saint Kitts And Nevis; KN St Kitts & Nevis; KP North Korea; KP Korea (North); KR South
Korea; KR Korea (South); KW Kuwait; KY Cayman Islands; KZ Kazakhstan; LA Laos; LB Lebanon; LC Saint Lucia; LC St
Lucia; LI Liechtenstein; LK Sri Lanka; LR Liberia; LS Lesotho; LT Lithuania; LU Luxembourg; LV Latvia; LY Libya; MA
Morocco; MC Monaco; MD Moldova; ME Montenegro; MF Saint Martin; MF St Martin (French); MG Madagascar; MH Marshall
Islands; MK Macedonia; MK North Macedonia; ML Mali; MM Myanmar; MM Myanmar (Burma); MN Mongolia; MO Macao; MO Macau;
MP Northern Mariana Islands; MQ Martinique; MR Mauritania; MS Montserrat; MT Malta; MU Mauritius; MV Maldives; MW
Malawi; MX Mexico; MY Malaysia; MZ Mozambique; NA Namibia; NC New Caledonia; NE Niger; NF Norfolk Island; NG Nigeria;
NI Nicaragua; NL Netherlands; NO Norway; NP Nepal; NR Nauru; NU Niue; NZ New Zealand; OM Oman; PA Panama; PE Peru; PF
French Polynesia; PG Papua New Guinea; PH Philippines; PK Pakistan; PL Poland; PM Saint Pierre And Miquelon; PM St
Pierre & Miquelon; PR Puerto Rico; PS Palestine; PT Portugal; PW Palau; PY Paraguay; QA Qatar; RE Reunion; RE Réunion;
RO Romania; RS Serbia; RU Russia; RW Rwanda; SA Saudi Arabia; SB Solomon Islands; SC Seychelles; SD Sudan; SE Sweden;
SG Singapore; SH Saint Helena; SH St Helena; SI Slovenia; SJ Svalbard And Jan Mayen; SJ Svalbard & Jan Mayen; SK
Slovakia; SL Sierra Leone; SM San Marino; SN Senegal; SO Somalia; SR Suriname; SS South Sudan; ST Sao Tome And
Principe; ST Sao Tome & Principe; SV El Salvador; SX Sint Maarten (Dutch part); SX St Maarten (Dutch); SY Syria; SZ
Swaziland; SZ Eswatini (Swaziland); TC Turks And Caicos Islands; TC Turks & Caicos Is; TD Chad; TG Togo; TH Thailand;
TJ Tajikistan; TK Tokelau; TL Timor-Leste; TL East Timor; TM Turkmenistan; TN Tunisia; TO Tonga; TR Turkey; TT
Trinidad and Tobago; TT Trinidad & Tobago; TV Tuvalu; TW Taiwan; TZ Tanzania; UA Ukraine; UG Uganda; US United States;
UY Uruguay; UZ Uzbekistan; VA Vatican; VA Vatican City; VC Saint Vincent And The Grenadines; VC St Vincent; VE
Venezuela; VG British Virgin Islands; VG Virgin Islands (UK); VI U.S. Virgin Islands; VI Virgin Islands (US); VN
Vietnam; VU Vanuatu; WF Wallis And Futuna; WF Wallis & Futuna; WS Samoa; WS Samoa (western); YE Yemen; YT Mayotte; ZA
South Africa; ZM Zambia; ZW Zimbabwe
"""

CODES_BY_NAME: dict[str, str] = {
    name.casefold(): code for code, _, name in (entry.partition(" ") for entry in " ".join(_TABLE.split()).split("; "))
}
"""Name, casefolded → code"""
