/** Emoji by group: Slack's name, then the character. The first group is what a support channel uses most. */
export const EMOJI_TABLE: readonly { title: string; emoji: string }[] = [
  {
    title: 'Often used',
    emoji: `white_check_mark ✅ x ❌ eyes 👀 +1 👍 -1 👎 pray 🙏 tada 🎉 heart ❤️ raised_hands 🙌 clap 👏 joy 😂 smile 😄 thinking_face 🤔 wave 👋
      fire 🔥 rocket 🚀 100 💯 bulb 💡 warning ⚠️ hourglass_flowing_sand ⏳ question ❓ exclamation ❗ moneybag 💰 key 🔑 wrench 🔧 package 📦
      red_circle 🔴 large_yellow_circle 🟡 large_green_circle 🟢 ticket 🎫 rotating_light 🚨`,
  },
  {
    title: 'Smileys',
    emoji: `grinning 😀 smiley 😃 grin 😁 laughing 😆 sweat_smile 😅 rolling_on_the_floor_laughing 🤣 slightly_smiling_face 🙂 upside_down_face 🙃
      wink 😉 blush 😊 innocent 😇 smiling_face_with_3_hearts 🥰 heart_eyes 😍 star-struck 🤩 kissing_heart 😘 relaxed ☺️ yum 😋 stuck_out_tongue 😛
      stuck_out_tongue_winking_eye 😜 zany_face 🤪 money_mouth_face 🤑 hugging_face 🤗 face_with_hand_over_mouth 🤭 shushing_face 🤫 saluting_face 🫡
      zipper_mouth_face 🤐 face_with_raised_eyebrow 🤨 neutral_face 😐 expressionless 😑 no_mouth 😶 smirk 😏 unamused 😒 face_with_rolling_eyes 🙄
      grimacing 😬 relieved 😌 pensive 😔 sleepy 😪 sleeping 😴 mask 😷 face_with_thermometer 🤒 nauseated_face 🤢 sneezing_face 🤧 hot_face 🥵
      cold_face 🥶 dizzy_face 😵 exploding_head 🤯 face_with_cowboy_hat 🤠 partying_face 🥳 sunglasses 😎 nerd_face 🤓 face_with_monocle 🧐
      confused 😕 worried 😟 slightly_frowning_face 🙁 open_mouth 😮 hushed 😯 astonished 😲 flushed 😳 pleading_face 🥺 frowning 😦 anguished 😧
      fearful 😨 cold_sweat 😰 disappointed_relieved 😥 cry 😢 sob 😭 scream 😱 confounded 😖 persevere 😣 disappointed 😞 sweat 😓 weary 😩
      tired_face 😫 yawning_face 🥱 triumph 😤 rage 😡 angry 😠 face_with_symbols_on_mouth 🤬 smiling_imp 😈 skull 💀 poop 💩 clown_face 🤡 ghost 👻
      alien 👽 space_invader 👾 robot_face 🤖 smiley_cat 😺 see_no_evil 🙈 hear_no_evil 🙉 speak_no_evil 🙊 melting_face 🫠 face_holding_back_tears 🥹`,
  },
  {
    title: 'People',
    emoji: `ok_hand 👌 v ✌️ crossed_fingers 🤞 i_love_you_hand_sign 🤟 the_horns 🤘 call_me_hand 🤙 point_left 👈 point_right 👉 point_up_2 👆
      point_down 👇 point_up ☝️ raised_hand ✋ raised_back_of_hand 🤚 vulcan_salute 🖖 handshake 🤝 muscle 💪 writing_hand ✍️ fist ✊ facepunch 👊
      open_hands 👐 palms_up_together 🤲 nail_care 💅 selfie 🤳 brain 🧠 ear 👂 nose 👃 eye 👁️ tongue 👅 baby 👶 child 🧒 adult 🧑 man 👨 woman 👩
      older_adult 🧓 raising_hand 🙋 face_palm 🤦 shrug 🤷 bow 🙇 ok_woman 🙆 no_good 🙅 information_desk_person 💁 cop 👮 detective 🕵️
      technologist 🧑‍💻 firefighter 🧑‍🚒 ninja 🥷 superhero 🦸 mage 🧙 runner 🏃 walking 🚶 dancer 💃 busts_in_silhouette 👥 bust_in_silhouette 👤
      speaking_head_in_silhouette 🗣️ footprints 👣`,
  },
  {
    title: 'Hearts and marks',
    emoji: `orange_heart 🧡 yellow_heart 💛 green_heart 💚 blue_heart 💙 purple_heart 💜 black_heart 🖤 white_heart 🤍 brown_heart 🤎 broken_heart 💔
      sparkling_heart 💖 heartbeat 💓 two_hearts 💕 heavy_check_mark ✔️ ballot_box_with_check ☑️ heavy_multiplication_x ✖️ heavy_plus_sign ➕
      heavy_minus_sign ➖ heavy_division_sign ➗ bangbang ‼️ interrobang ⁉️ grey_question ❔ grey_exclamation ❕ no_entry ⛔ no_entry_sign 🚫
      octagonal_sign 🛑 negative_squared_cross_mark ❎ o ⭕ recycle ♻️ infinity ♾️ copyright ©️ registered ®️ tm ™️ arrow_up ⬆️ arrow_down ⬇️
      arrow_left ⬅️ arrow_right ➡️ arrow_upper_right ↗️ arrow_lower_right ↘️ arrows_counterclockwise 🔄 arrows_clockwise 🔃 leftwards_arrow_with_hook ↩️
      rewind ⏪ fast_forward ⏩ arrow_forward ▶️ double_vertical_bar ⏸️ black_square_for_stop ⏹️ twisted_rightwards_arrows 🔀 repeat 🔁
      zero 0️⃣ one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣ five 5️⃣ six 6️⃣ seven 7️⃣ eight 8️⃣ nine 9️⃣ keycap_ten 🔟 hash #️⃣ information_source ℹ️ abc 🔤
      new 🆕 free 🆓 up 🆙 cool 🆒 ok 🆗 sos 🆘 id 🆔 vs 🆚 zzz 💤 dizzy 💫 boom 💥 sparkles ✨ star ⭐ star2 🌟 sweat_drops 💦 dash 💨 hole 🕳️
      speech_balloon 💬 left_speech_bubble 🗨️ thought_balloon 💭 large_blue_circle 🔵 large_orange_circle 🟠 large_purple_circle 🟣
      large_brown_circle 🟤 white_circle ⚪ black_circle ⚫ large_red_square 🟥 large_orange_square 🟧 large_yellow_square 🟨 large_green_square 🟩
      large_blue_square 🟦 large_purple_square 🟪 black_large_square ⬛ white_large_square ⬜ small_red_triangle 🔺 small_red_triangle_down 🔻
      large_orange_diamond 🔶 large_blue_diamond 🔷 small_orange_diamond 🔸 small_blue_diamond 🔹`,
  },
  {
    title: 'Work',
    emoji: `computer 💻 desktop_computer 🖥️ keyboard ⌨️ computer_mouse 🖱️ printer 🖨️ floppy_disk 💾 cd 💿 iphone 📱 telephone_receiver 📞 phone ☎️
      battery 🔋 electric_plug 🔌 camera 📷 mag 🔍 mag_right 🔎 satellite_antenna 📡 flashlight 🔦 notebook 📓 closed_book 📕 books 📚 book 📖 newspaper 📰
      bookmark 🔖 label 🏷️ receipt 🧾 money_with_wings 💸 dollar 💵 euro 💶 pound 💷 yen 💴 coin 🪙 credit_card 💳 chart 💹 email ✉️ e-mail 📧
      incoming_envelope 📨 envelope_with_arrow 📩 outbox_tray 📤 inbox_tray 📥 mailbox 📫 postbox 📮 pencil2 ✏️ pencil 📝 memo 📝 lower_left_ballpoint_pen 🖊️
      briefcase 💼 file_folder 📁 open_file_folder 📂 card_index_dividers 🗂️ calendar 📅 date 📅 spiral_calendar_pad 🗓️ card_index 📇
      chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 bar_chart 📊 clipboard 📋 pushpin 📌 round_pushpin 📍 paperclip 📎 straight_ruler 📏
      scissors ✂️ file_cabinet 🗄️ wastebasket 🗑️ lock 🔒 unlock 🔓 closed_lock_with_key 🔐 lock_with_ink_pen 🔏 old_key 🗝️ hammer 🔨
      hammer_and_wrench 🛠️ gear ⚙️ nut_and_bolt 🔩 link 🔗 chains ⛓️ toolbox 🧰 magnet 🧲 test_tube 🧪 dna 🧬 microscope 🔬 telescope 🔭 pill 💊
      syringe 💉 bell 🔔 no_bell 🔕 mega 📣 loudspeaker 📢 hourglass ⌛ watch ⌚ alarm_clock ⏰ stopwatch ⏱️ timer_clock ⏲️ shield 🛡️ bug 🐛 construction 🚧
      dart 🎯 jigsaw 🧩 crystal_ball 🔮 gift 🎁 balloon 🎈 confetti_ball 🎊 trophy 🏆 medal 🏅 first_place_medal 🥇 second_place_medal 🥈
      third_place_medal 🥉 ship_it 🚢 triangular_flag_on_post 🚩 checkered_flag 🏁 waving_white_flag 🏳️ scales ⚖️ ladder 🪜 shopping_trolley 🛒 truck 🚚
      articulated_lorry 🚛 identification_card 🪪 envelope ✉️`,
  },
  {
    title: 'Nature and food',
    emoji: `dog 🐶 cat 🐱 mouse 🐭 hamster 🐹 rabbit 🐰 fox_face 🦊 bear 🐻 panda_face 🐼 koala 🐨 tiger 🐯 lion_face 🦁 cow 🐮 pig 🐷 frog 🐸
      monkey_face 🐵 chicken 🐔 penguin 🐧 bird 🐦 eagle 🦅 duck 🦆 owl 🦉 wolf 🐺 horse 🐴 unicorn_face 🦄 bee 🐝 butterfly 🦋 snail 🐌 turtle 🐢 snake 🐍
      octopus 🐙 crab 🦀 fish 🐟 dolphin 🐬 whale 🐳 shark 🦈 elephant 🐘 sloth 🦥 llama 🦙 cactus 🌵 evergreen_tree 🌲 deciduous_tree 🌳 palm_tree 🌴
      seedling 🌱 herb 🌿 four_leaf_clover 🍀 maple_leaf 🍁 fallen_leaf 🍂 mushroom 🍄 bouquet 💐 tulip 🌷 rose 🌹 sunflower 🌻 cherry_blossom 🌸
      earth_africa 🌍 earth_americas 🌎 full_moon 🌕 crescent_moon 🌙 sunny ☀️ partly_sunny ⛅ cloud ☁️ rain_cloud 🌧️ lightning ⚡ zap ⚡ snowflake ❄️
      snowman ⛄ rainbow 🌈 ocean 🌊 droplet 💧 umbrella ☔ apple 🍎 green_apple 🍏 pear 🍐 tangerine 🍊 lemon 🍋 banana 🍌 watermelon 🍉 grapes 🍇
      strawberry 🍓 cherries 🍒 peach 🍑 pineapple 🍍 avocado 🥑 tomato 🍅 carrot 🥕 corn 🌽 hot_pepper 🌶️ bread 🍞 croissant 🥐 cheese_wedge 🧀 egg 🥚
      bacon 🥓 hamburger 🍔 fries 🍟 pizza 🍕 taco 🌮 sushi 🍣 ramen 🍜 popcorn 🍿 doughnut 🍩 cookie 🍪 birthday 🎂 cake 🍰 chocolate_bar 🍫 candy 🍬
      coffee ☕ tea 🍵 beer 🍺 beers 🍻 wine_glass 🍷 champagne 🍾 clinking_glasses 🥂`,
  },
  {
    title: 'Travel and play',
    emoji: `car 🚗 taxi 🚕 bus 🚌 ambulance 🚑 fire_engine 🚒 police_car 🚓 bike 🚲 motor_scooter 🛵 train 🚆 metro 🚇 airplane ✈️ helicopter 🚁
      sailboat ⛵ ship 🚢 anchor ⚓ vertical_traffic_light 🚦 world_map 🗺️ house 🏠 office 🏢 hospital 🏥 bank 🏦 hotel 🏨 school 🏫 factory 🏭
      convenience_store 🏪 tent ⛺ mountain ⛰️ beach_with_umbrella 🏖️ soccer ⚽ basketball 🏀 football 🏈 tennis 🎾 8ball 🎱 golf ⛳ video_game 🎮
      joystick 🕹️ game_die 🎲 chess_pawn ♟️ art 🎨 clapper 🎬 headphones 🎧 musical_note 🎵 notes 🎶 guitar 🎸 drum_with_drumsticks 🥁 microphone 🎤
      circus_tent 🎪 admission_tickets 🎟️ umbrella_on_ground ⛱️ sunrise 🌅 city_sunset 🌆 night_with_stars 🌃 milky_way 🌌 white_flag 🏳️ pirate_flag 🏴‍☠️
      rainbow-flag 🏳️‍🌈`,
  },
];

/** Other names that people type; Slack reports the name on the right. */
export const EMOJI_ALIASES: Readonly<Record<string, string>> = {
  thumbsup: '+1',
  thumbsdown: '-1',
  thinking: 'thinking_face',
  robot: 'robot_face',
  simple_smile: 'slightly_smiling_face',
  satisfied: 'laughing',
  hankey: 'poop',
  large_red_circle: 'red_circle',
  heavy_exclamation_mark: 'exclamation',
  punch: 'facepunch',
  collision: 'boom',
  hourglass_not_done: 'hourglass_flowing_sand',
  running: 'runner',
  tea_cup: 'tea',
  hugs: 'hugging_face',
  rofl: 'rolling_on_the_floor_laughing',
  unicorn: 'unicorn_face',
  shopping_cart: 'shopping_trolley',
};
